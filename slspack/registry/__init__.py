"""Package indexes: which ones, how to reach them, and what they offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.registry.client import PackageIndexClient
    from slspack.registry.configuration import IndexConfiguration, KeyringProvider, load_index_configuration
    from slspack.registry.credentials import Credentials, Login, Secret
    from slspack.registry.default_index import default_index_url, uv_executable
    from slspack.registry.folders import local_path
    from slspack.registry.kept_pages import KeptPages
    from slspack.registry.pages import IndexFile, files_of_version
    from slspack.registry.session import RegistrySession
    from slspack.registry.transport import Incoming

__all__ = [
    "Credentials",
    "Incoming",
    "IndexConfiguration",
    "IndexFile",
    "KeptPages",
    "KeyringProvider",
    "Login",
    "PackageIndexClient",
    "RegistrySession",
    "Secret",
    "default_index_url",
    "files_of_version",
    "load_index_configuration",
    "local_path",
    "uv_executable",
]

__getattr__ = exports(
    __name__,
    {
        "client": ("PackageIndexClient",),
        "configuration": (
            "IndexConfiguration",
            "KeyringProvider",
            "load_index_configuration",
        ),
        "credentials": (
            "Credentials",
            "Login",
            "Secret",
        ),
        "default_index": (
            "default_index_url",
            "uv_executable",
        ),
        "folders": ("local_path",),
        "kept_pages": ("KeptPages",),
        "pages": (
            "IndexFile",
            "files_of_version",
        ),
        "session": ("RegistrySession",),
        "transport": ("Incoming",),
    },
)

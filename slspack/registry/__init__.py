"""Package indexes: which ones, how to reach them, and what they offer."""

from __future__ import annotations

from slspack.registry.client import PackageIndexClient
from slspack.registry.configuration import IndexConfiguration, KeyringProvider, load_index_configuration
from slspack.registry.credentials import Credentials, Login, Secret
from slspack.registry.default_index import default_index_url, uv_executable
from slspack.registry.folders import local_path
from slspack.registry.pages import IndexFile, files_of_version
from slspack.registry.pip_files import pip_files
from slspack.registry.session import RegistrySession

__all__ = [
    "Credentials",
    "IndexConfiguration",
    "IndexFile",
    "KeyringProvider",
    "Login",
    "PackageIndexClient",
    "RegistrySession",
    "Secret",
    "default_index_url",
    "files_of_version",
    "load_index_configuration",
    "local_path",
    "pip_files",
    "uv_executable",
]

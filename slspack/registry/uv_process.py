"""How uv is run: which program, with which environment, and which of its options the indexes ask for."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from slspack.errors import MachineError
from slspack.registry.configuration import KeyringProvider
from slspack.registry.default_index import uv_executable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.registry.configuration import IndexConfiguration

# The configuration has taken these in, or they would make uv work elsewhere.
_REPLACED = frozenset({
    "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX",
    "UV_INSECURE_HOST", "UV_WORKING_DIR", "UV_PROJECT", "UV_PYTHON", "UV_NO_BINARY", "UV_NO_BINARY_PACKAGE",
})  # fmt: skip


def uv_program(environment: Mapping[str, str]) -> str:
    """The uv that came with slspack, else the one on PATH. Raises SLS0204."""
    try:
        return uv_executable()
    except MachineError:
        found = shutil.which("uv", path=environment.get("PATH"))
        if found is None:
            raise
        return found


def uv_variables(configuration: IndexConfiguration, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a uv process. Indexes and credentials go in here: arguments can be read by every user."""
    kept = {name: value for name, value in environment.items() if name not in _REPLACED}
    if configuration.keyring is KeyringProvider.SUBPROCESS:
        kept["UV_KEYRING_PROVIDER"] = "subprocess"
    return {**kept, **configuration.uv_environment()}


def index_options(configuration: IndexConfiguration, environment: Mapping[str, str]) -> list[str]:
    """What of the indexes only an option can say."""
    options: list[str] = []
    if configuration.no_index:
        options += ["--no-index"]  # uv has no variable for it
    from_pip = configuration.extra_index_urls and not environment.get("UV_INDEX")
    if from_pip and not environment.get("UV_INDEX_STRATEGY"):
        # pip's meaning of --extra-index-url: all indexes are equal.
        options += ["--index-strategy", "unsafe-best-match"]
    return options

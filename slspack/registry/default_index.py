"""The index that is asked where nothing else is configured. uv knows its address; we ask it."""

from __future__ import annotations

import os
import re
import sys
from functools import cache

from slspack.codes import Code
from slspack.errors import MachineError

_STATED = re.compile(r"default package index \(by default: <(https://[^>\s]+)>\)")


@cache
def default_index_url() -> str:
    """The address of uv's default index, asked once a process (about 0.01 s, without the network). Raises SLS0204."""
    address = _stated_in_help() or _shown_by_resolving()
    if address is not None:
        return address
    raise MachineError.of(
        Code.RESOLVER_MISSING,
        "uv did not tell the address of its default index",
        hint="name an index: set PIP_INDEX_URL or UV_DEFAULT_INDEX",
    )


def _stated_in_help() -> str | None:
    stated = _STATED.search(_said(["--help"]))
    return stated[1] if stated else None


def _shown_by_resolving() -> str | None:
    """Ten times as slow, for an interpreter is started, and sure to be what uv goes by, whatever its help is like."""
    shown = _said(["--no-config", "--offline", "--quiet", "--emit-index-url", "--python", sys.executable, "-"])
    options = (line.partition(" ") for line in shown.splitlines())
    return next((address for option, _, address in options if option in ("-i", "--index-url") and address), None)


def _said(arguments: list[str]) -> str:
    import subprocess

    environment = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    command = [uv_executable(), "pip", "compile", *arguments]
    return subprocess.run(
        command, input="", capture_output=True, text=True, env=environment, check=False, encoding="utf-8"
    ).stdout


def uv_executable() -> str:
    """uv's own executable, which comes with slspack."""
    try:
        from uv import find_uv_bin

        return os.fspath(find_uv_bin())
    except (ImportError, FileNotFoundError) as error:
        raise MachineError.of(
            Code.RESOLVER_MISSING, "uv is not installed", hint="install it beside slspack: `pip install uv`"
        ) from error

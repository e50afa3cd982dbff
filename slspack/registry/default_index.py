"""The index that is asked where nothing else is configured. uv knows its address; we ask it."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

from slspack.codes import Code
from slspack.errors import MachineError


@cache
def default_index_url() -> str:
    """The address of uv's default index, asked once a process (about 0.1 s, without the network)."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    command = [uv_executable(), "pip", "compile", "--no-config", "--offline", "--quiet", "--emit-index-url"]
    command += ["--python", sys.executable, "-"]
    done = subprocess.run(
        command, input="", capture_output=True, text=True, env=environment, check=False, encoding="utf-8"
    )
    for line in done.stdout.splitlines():
        option, _, address = line.partition(" ")
        if option in ("-i", "--index-url") and address:
            return address
    raise MachineError.of(
        Code.RESOLVER_MISSING,
        "uv did not tell the address of its default index",
        hint="name an index: set PIP_INDEX_URL or UV_DEFAULT_INDEX",
    )


def uv_executable() -> str:
    """uv's own executable, which comes with slspack."""
    try:
        from uv import find_uv_bin

        return os.fspath(find_uv_bin())
    except (ImportError, FileNotFoundError) as error:
        raise MachineError.of(
            Code.RESOLVER_MISSING, "uv is not installed", hint="install it beside slspack: `pip install uv`"
        ) from error

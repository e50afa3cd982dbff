"""Makes the interpreter that runs a build backend describe the target instead of this machine.

It is copied to where the interpreter imports it when it starts (`site`), is no module of slspack's own, and runs on
CPython 3.8 too.
"""

from __future__ import annotations

import json
import os
import sysconfig
from pathlib import Path

_told = json.loads(Path(__file__).with_name("target.json").read_text("utf-8"))
_include = str(_told["include"])

_get_paths = sysconfig.get_paths


def _paths(*arguments: object, **options: object) -> dict[str, str]:
    return {**_get_paths(*arguments, **options), "include": _include, "platinclude": _include}  # type: ignore[arg-type]


def _path(name: str, *arguments: object, **options: object) -> str:
    return _paths(*arguments, **options)[name]


sysconfig.get_paths = _paths
sysconfig.get_path = _path

if _told["pretend"]:
    import platform

    _real = os.uname()
    _uname = os.uname_result(("Linux", _real.nodename, _real.release, _real.version, _told["machine"]))
    os.uname = lambda: _uname
    platform.machine = lambda: str(_told["machine"])
    platform.system = lambda: "Linux"

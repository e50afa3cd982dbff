"""What a build backend needs to compile for a target: compilers, headers, sysconfig, files for CMake and Meson."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import Architecture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.builds.cross.zig import Zig
    from slspack.model import Target

_MACHINES = {Architecture.X86_64: "x86_64", Architecture.ARM64: "aarch64"}
_FLAGS = "-O2 -fwrapv -fPIC -DNDEBUG -g0 -fno-sanitize=undefined"
_ASK = "import json, sysconfig; print(json.dumps([sysconfig.get_config_vars(), sysconfig.get_path('include')]))"
_DATA = "_sysconfigdata__slspack"


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A folder with everything for one build."""

    folder: Path
    target: Target
    source: Path

    @property
    def machine(self) -> str:
        """As `uname -m` says it on the target."""
        return _MACHINES[self.target.architecture]

    @property
    def include(self) -> Path:
        """Python's headers with the target's `pyconfig.h`."""
        return self.folder / "include"

    def tool(self, name: str) -> str:
        """The path of a compiler or another tool."""
        return str(self.folder / "bin" / name)

    @property
    def cmake_file(self) -> Path:
        """A toolchain file for CMake."""
        return self.folder / "toolchain.cmake"

    @property
    def meson_file(self) -> Path:
        """A cross file for Meson."""
        return self.folder / "cross.ini"

    def variables(self) -> dict[str, str]:
        """The environment that backends read."""
        suffix = f".cpython-{self.target.python[0]}{self.target.python[1]}-{self.machine}-linux-gnu.so"
        return {
            "AR": self.tool("ar"),
            "CC": self.tool("cc"),
            "CXX": self.tool("c++"),
            "CMAKE_TOOLCHAIN_FILE": str(self.cmake_file),
            "LDSHARED": f"{self.tool('cc')} -shared",
            "LDCXXSHARED": f"{self.tool('c++')} -shared",
            "PYTHONPATH": str(self.folder / "view"),
            "RANLIB": self.tool("ranlib"),
            "SETUPTOOLS_EXT_SUFFIX": suffix,
            "_PYTHON_HOST_PLATFORM": f"linux-{self.machine}",
            "_PYTHON_SYSCONFIGDATA_NAME": _DATA,
        }


def lay_out(folder: Path, target: Target, source: Path, zig: Zig, interpreter: str, *, pretend: bool) -> Toolchain:
    """Write a toolchain into a folder. `interpreter`, of the target's minor, lends headers and most of its sysconfig.

    `pretend` has the platform module name the target's machine: for `setup.py`, which asks it; Meson and CMake are told
    in their own files, and want to know this machine. Raises FileNotFoundError where the interpreter has no headers.
    """
    chain = Toolchain(folder, target, source)
    (folder / "bin").mkdir(parents=True)
    for name, command in zig.commands(f"{chain.machine}-linux-gnu.{target.glibc[0]}.{target.glibc[1]}").items():
        path = folder / "bin" / name
        compiles = name in ("cc", "c++")
        flags = f' {_FLAGS} -ffile-prefix-map="{source}"=. -ffile-prefix-map="{folder}"=python' if compiles else ""
        path.write_text(f'#!/bin/sh\nexec {command}{flags} "$@"\n', "utf-8")
        path.chmod(0o755)
    own: tuple[dict[str, object], str] = tuple(json.loads(_answer(interpreter)))
    _headers(Path(own[1]), chain.include)
    _view(chain, _variables(chain, own[0]), pretend=pretend)
    chain.cmake_file.write_text(_cmake(chain), "utf-8")
    chain.meson_file.write_text(_meson(chain), "utf-8")
    return chain


def _answer(interpreter: str) -> str:
    done = subprocess.run([interpreter, "-I", "-c", _ASK], capture_output=True, check=True, encoding="utf-8")
    return done.stdout


def _headers(source: Path, into: Path) -> None:
    if not (source / "Python.h").is_file():
        raise FileNotFoundError(source / "Python.h")
    shutil.copytree(source, into)
    config = into / "pyconfig.h"
    config.unlink(missing_ok=True)
    config.write_bytes(files(__package__).joinpath("pyconfig.h").read_bytes())


def _variables(chain: Toolchain, own: Mapping[str, object]) -> dict[str, object]:
    """The interpreter's sysconfig variables, with the target's in their place. Nothing of its own compiler is left."""
    python = f"cpython-{chain.target.python[0]}{chain.target.python[1]}"
    multiarch = f"{chain.machine}-linux-gnu"
    kept = {k: v for k, v in own.items() if not k.endswith(("FLAGS", "FLAGS_NODIST", "LIBS")) and "APPLE" not in k}
    return {
        **kept,
        "AR": chain.tool("ar"),
        "ARFLAGS": "rcs",
        "BLDSHARED": f"{chain.tool('cc')} -shared",
        "CC": chain.tool("cc"),
        "CCSHARED": "-fPIC",
        "CFLAGS": "-O2",
        "CONFINCLUDEPY": str(chain.include),
        "CPPFLAGS": "",
        "CXX": chain.tool("c++"),
        "EXT_SUFFIX": f".{python}-{multiarch}.so",
        "HOST_GNU_TYPE": multiarch,
        "INCLUDEPY": str(chain.include),
        "LDCXXSHARED": f"{chain.tool('c++')} -shared",
        "LDFLAGS": "",
        "LDSHARED": f"{chain.tool('cc')} -shared",
        "LIBDIR": "",
        "LINKCC": chain.tool("cc"),
        "MACHDEP": "linux",
        "MULTIARCH": multiarch,
        "OPT": "-O2 -DNDEBUG",
        "Py_ENABLE_SHARED": 0,
        "RANLIB": chain.tool("ranlib"),
        "SHLIB_SUFFIX": ".so",
        "SOABI": f"{python}-{multiarch}",
    }


def _view(chain: Toolchain, variables: Mapping[str, object], *, pretend: bool) -> None:
    """What `PYTHONPATH` leads to: the sysconfig data, and the module that shows the interpreter the target."""
    view = chain.folder / "view"
    view.mkdir()
    told = {"include": str(chain.include), "machine": chain.machine, "pretend": pretend}
    (view / f"{_DATA}.py").write_text(f"build_time_vars = {variables!r}\n", "utf-8")
    (view / "target.json").write_text(json.dumps(told), "utf-8")
    (view / "sitecustomize.py").write_bytes(files(__package__).joinpath("sitecustomize.py").read_bytes())


def _cmake(chain: Toolchain) -> str:
    return f"""\
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR {chain.machine})
set(CMAKE_C_COMPILER "{chain.tool("cc")}")
set(CMAKE_CXX_COMPILER "{chain.tool("c++")}")
set(CMAKE_AR "{chain.tool("ar")}")
set(CMAKE_RANLIB "{chain.tool("ranlib")}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(Python_INCLUDE_DIR "{chain.include}")
set(Python3_INCLUDE_DIR "{chain.include}")
"""


def _meson(chain: Toolchain) -> str:
    return f"""\
[binaries]
c = '{chain.tool("cc")}'
cpp = '{chain.tool("c++")}'
ar = '{chain.tool("ar")}'
ranlib = '{chain.tool("ranlib")}'

[host_machine]
system = 'linux'
cpu_family = '{chain.machine}'
cpu = '{chain.machine}'
endian = 'little'

[properties]
needs_exe_wrapper = true
"""

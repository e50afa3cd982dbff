"""Builds wheels for a target with Zig: the backend runs here, and is shown the target's compilers and sysconfig."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.builds.builder import BuiltWheel
from slspack.builds.cross.toolchain import lay_out
from slspack.builds.cross.zig import find_zig
from slspack.builds.failure import build_failed
from slspack.builds.isolated import build_here, find_interpreter
from slspack.builds.project import read_project
from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.keys import key_of

if TYPE_CHECKING:
    from slspack.builds.builder import BuildTask, Workplace
    from slspack.builds.cross.zig import Zig
    from slspack.model import Digest, Target

_REVISION = 1
"""Raised where this package comes to build other bytes of the same source."""
_SETUPTOOLS = ("setuptools.build_meta", "setuptools.build_meta:__legacy__")
_MESON, _SCIKIT_BUILD = "mesonpy", "scikit_build_core.build"
DRIVEN = (*_SETUPTOOLS, _SCIKIT_BUILD, _MESON)
"""The build backends that can be shown another target than this machine."""


class CrossBuilder:
    """Compiles with Zig against the runtime's glibc. The interpreter of the target's minor is this machine's."""

    name = "cross"

    def __init__(self, zig: Zig, workplace: Workplace) -> None:
        self._zig, self._workplace = zig, workplace

    def identity(self, target: Target) -> Digest:
        """Of the compiler and the target. Raises SLS0516 where there is no interpreter of the target's minor."""
        self._interpreter(target)
        return key_of("cross", _REVISION, self._zig.version, target)

    def build(self, task: BuildTask, into: Path) -> BuiltWheel:
        """Build one wheel. Raises SLS0550 for a backend that cannot be driven, SLS0510 where the build fails."""
        backend = read_project(task.source).backend
        if backend not in DRIVEN:
            raise _not_driven(task, backend)
        interpreter = self._interpreter(task.target)
        with tempfile.TemporaryDirectory(prefix="slspack-cross-") as folder:
            scratch = Path(folder).resolve()
            pretend = backend in _SETUPTOOLS
            try:
                chain = lay_out(
                    scratch / "toolchain", task.target, task.source, self._zig, interpreter, pretend=pretend
                )
            except FileNotFoundError as error:
                raise _no_headers(interpreter, task.target) from error
            settings = {"setup-args": f"--cross-file={chain.meson_file}"} if backend == _MESON else {}
            built = build_here(
                self.name, task, into, scratch, interpreter, self._workplace, chain.variables(), settings
            )
        if not _is_for(built.path, chain.machine):
            reason = f"it gave `{built.path.name}`, which is not for {chain.machine}"
            raise build_failed(task, self.name, reason, "let an image build it (`builder: docker`)")
        return BuiltWheel(built.path, compiler=self._zig.name)

    def _interpreter(self, target: Target) -> str:
        found = find_interpreter(target, self._workplace)
        if found is None:
            minor = f"{target.python[0]}.{target.python[1]}"
            raise MachineError.of(
                Code.BUILD_TOOL_MISSING,
                f"the builder `cross` needs a Python {minor} of this machine for its headers, and there is none",
                hint=f"install one (`uv python install {minor}`), or choose another `builder`",
            )
        return found


def open_cross_builder(workplace: Workplace) -> CrossBuilder | None:
    """The builder, where this machine can have one: with the extra `cross`, on a system with a POSIX shell."""
    zig = find_zig() if os.name == "posix" else None
    return CrossBuilder(zig, workplace) if zig else None


def _is_for(wheel: Path, machine: str) -> bool:
    platform = wheel.stem.rpartition("-")[2]
    return platform == "any" or (platform.endswith(machine) and "linux" in platform)


def _not_driven(task: BuildTask, backend: str) -> SlspackError:
    return SlspackError.of(
        Code.CROSS_BACKEND,
        f"`{task.label}` cannot be cross-compiled: its build backend `{backend}` is none of those that can be",
        hint="setuptools, scikit-build-core and meson-python can be; let an image build this one (`builder: docker`)",
    )


def _no_headers(interpreter: str, target: Target) -> SlspackError:
    minor = f"{target.python[0]}.{target.python[1]}"
    return MachineError.of(
        Code.BUILD_TOOL_MISSING,
        f"the builder `cross` needs Python's headers, and `{interpreter}` has none",
        hint=f"install them (Debian: `apt install python{minor}-dev`), or another Python: `uv python install {minor}`",
    )

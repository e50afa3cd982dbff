"""What stands in an artifact as source only, since its Python cannot compile it."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.model import ArchivePath, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.model import Artifact
    from slspack.plugins.shipped.bytecode.compiling import Compiler

_SHOWN = 3


def left_as_source(artifact: Artifact, compiler: Compiler) -> Iterator[Finding]:
    """A notice of the sources without byte code: templates, as a rule, and data of tests."""
    names = frozenset(_names(artifact))
    left = sorted(name for name in names if compiler.compiles(name) and compiler.place(name) not in names)
    if left:
        shown = ", ".join(f"`{name}`" for name in left[:_SHOWN]) + (", …" if len(left) > _SHOWN else "")
        files = "1 file" if len(left) == 1 else f"{len(left)} files"
        yield Finding(
            Code.LEFT_AS_SOURCE,
            Severity.NOTICE,
            f"`{artifact.plan.name}` has {files} that CPython {compiler.interpreter.version} cannot compile: {shown}",
            hint="templates and data named `.py` are meant so; `exclude` of the plugin `bytecode` leaves them alone",
        )


def _names(artifact: Artifact) -> Iterator[ArchivePath]:
    if not artifact.path.is_dir():
        with zipfile.ZipFile(artifact.path) as archive:
            yield from (ArchivePath(name) for name in archive.namelist())
        return
    for folder, _, files in os.walk(artifact.path):
        below = Path(folder).relative_to(artifact.path)
        yield from (ArchivePath((below / file).as_posix()) for file in files)

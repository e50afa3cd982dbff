"""What stands in an artifact as source only, since its Python cannot compile it."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.model import UNPACKER, ArchivePath, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.model import Artifact
    from slspack.plugins.shipped.bytecode.compiling import Naming

ASIDE = ".slspack.py"
"""What the source of a handler ends in that unpacks first what is nested: its stand-in reads it as it is."""
PREFIX = "python/"
_SHOWN = 3


def left_as_source(artifact: Artifact, naming: Naming) -> Iterator[Finding]:
    """A notice of the sources without byte code: templates, as a rule, and data of tests."""
    names = frozenset(_names(artifact))
    standing_in = {name.replace(ASIDE, ".py") for name in names if name.endswith(ASIDE)} | {f"{UNPACKER}.py"}
    left = sorted(
        name
        for name in names
        if naming.compiles(name)
        and naming.place(name) not in names
        and not name.endswith(ASIDE)
        and name not in standing_in
    )
    minor = "{}.{}".format(*naming.python)
    if left:
        shown = ", ".join(f"`{name}`" for name in left[:_SHOWN]) + (", …" if len(left) > _SHOWN else "")
        files = "1 file" if len(left) == 1 else f"{len(left)} files"
        yield Finding(
            Code.LEFT_AS_SOURCE,
            Severity.NOTICE,
            f"`{artifact.plan.name}` has {files} that CPython {minor} cannot compile: {shown}",
            hint="templates and data named `.py` are meant so; `exclude` of the plugin `bytecode` leaves them alone",
        )


def _names(artifact: Artifact) -> Iterator[ArchivePath]:
    """The files, by the names that they have where their modules are imported from."""
    below = "" if artifact.plan.functions else PREFIX
    yield from (ArchivePath(name.removeprefix(below)) for name in _all_names(artifact.path))


def _all_names(path: Path) -> Iterator[str]:
    if not path.is_dir():
        with zipfile.ZipFile(path) as archive:
            yield from archive.namelist()
        return
    for folder, _, files in os.walk(path):
        yield from ((Path(folder).relative_to(path) / file).as_posix() for file in files)

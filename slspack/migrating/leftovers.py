"""What another tool has left in a project's folder, or wants of its code."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.excludes import excluded_folder
from slspack.migrating.remarks import Remark
from slspack.migrating.serverless_edit import FORMER, PLUGIN
from slspack.model import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

_OUTPUTS = (".requirements", ".requirements.zip", "requirements.zip", "unzip_requirements.py")
_UNZIP = re.compile(rb"^\s*(?:import|from)\s+unzip_requirements\b")
_CONSTRUCT = re.compile(rb"\bPythonFunction\s*\(")


def serverless_leftovers(folder: Path, *, zips: bool) -> Iterator[Remark]:
    """What serverless-python-requirements leaves behind. Where it `zips`, imports of its helper are still of use."""
    for name in _OUTPUTS:
        if (folder / name).exists():
            yield Remark(name, f"is left over from {FORMER}: remove it", Location(name))
    if not zips:
        outcome = "unpacks nothing any more: remove the import, and the `try` around it"
        yield from (Remark("unzip_requirements", outcome, at) for at in _lines(folder, (".py",), _UNZIP))
    for at in _lines_of(folder, "package.json", re.compile(rf'"{FORMER}"\s*:'.encode())):
        yield Remark("package.json", f"replace this line by one for `{PLUGIN}`", at)


def constructs(folder: Path) -> Iterator[Location]:
    """Where CDK's `PythonFunction` is made."""
    return _lines(folder, (".py", ".ts"), _CONSTRUCT)


def _lines(folder: Path, suffixes: tuple[str, ...], pattern: re.Pattern[bytes]) -> Iterator[Location]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if excluded_folder(name) is None)
        for name in sorted(names):
            if name.endswith(suffixes) and name != "unzip_requirements.py":
                yield from _lines_of(folder, os.path.relpath(Path(where, name), folder).replace(os.sep, "/"), pattern)


def _lines_of(folder: Path, name: str, pattern: re.Pattern[bytes]) -> Iterator[Location]:
    try:
        content = (folder / name).read_bytes()
    except OSError:
        return
    for number, line in enumerate(content.splitlines(), start=1):
        found = pattern.search(line)
        if found:
            column = found.start() + len(found[0]) - len(found[0].lstrip()) + 1
            yield Location(name, number, column)

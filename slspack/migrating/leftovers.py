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
    from collections.abc import Iterable, Iterator

_OUTPUTS = (".requirements", ".requirements.zip", "requirements.zip", "unzip_requirements.py")
_UNZIP = re.compile(rb"^\s*(?:import|from)\s+unzip_requirements\b")
_ALPHA = re.compile(rb"aws[-_]lambda[-_]python[-_]alpha|PythonFunction")
_CONSTRUCT = re.compile(rb"\bPythonFunction\s*\(")


def serverless_leftovers(folder: Path, *, zips: bool) -> Iterator[Remark]:
    """What serverless-python-requirements leaves behind. Where it `zips`, imports of its helper are still of use."""
    for name in _OUTPUTS:
        if (folder / name).exists():
            yield Remark(name, f"is left over from {FORMER}: remove it", Location(name))
    if not zips:
        outcome = "unpacks nothing any more: remove the import, and the `try` around it"
        yield from (Remark("unzip_requirements", outcome, at) for at in _lines(folder, (".py",), _UNZIP))
    for at in lines_of(folder, "package.json", rf'"{FORMER}"\s*:'.encode()):
        yield Remark("package.json", f"replace this line by one for `{PLUGIN}`", at)


def constructs(folder: Path) -> Iterator[Location]:
    """Where CDK's `PythonFunction` is made."""
    return _lines(folder, (".py", ".ts"), _CONSTRUCT)


def around_constructs(folder: Path, words: Iterable[str]) -> Iterator[tuple[str, Location]]:
    """Where these words stand in the sources that use CDK's alpha module, and where requirements list that."""
    patterns = {
        word: re.compile(rb"(?<![\w.-])(?:aws-cdk\.|@aws-cdk/|aws_cdk\.)?" + re.escape(word.encode())) for word in words
    }
    for name in _sources(folder, (".py", ".ts", ".txt", ".toml", "package.json")):
        if _ALPHA.search(_content(folder / name)):
            for word, pattern in patterns.items():
                yield from ((word, at) for at in lines_of(folder, name, pattern.pattern))


def _lines(folder: Path, suffixes: tuple[str, ...], pattern: re.Pattern[bytes]) -> Iterator[Location]:
    for name in _sources(folder, suffixes):
        yield from lines_of(folder, name, pattern.pattern)


def _sources(folder: Path, suffixes: tuple[str, ...]) -> Iterator[str]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if excluded_folder(name) is None)
        for name in sorted(names):
            if name.endswith(suffixes) and name != "unzip_requirements.py":
                yield os.path.relpath(Path(where, name), folder).replace(os.sep, "/")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def lines_of(folder: Path, name: str, pattern: bytes) -> Iterator[Location]:
    """Where lines of a file match, as far as it can be read."""
    for number, line in enumerate(_content(folder / name).splitlines(), start=1):
        found = re.search(pattern, line)
        if found:
            column = found.start() + len(found[0]) - len(found[0].lstrip()) + 1
            yield Location(name, number, column)

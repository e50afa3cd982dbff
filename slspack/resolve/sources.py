"""Which files a requirement set is read from."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.model import Finding, Location, Severity
from slspack.resolve.nearest import did_you_mean
from slspack.resolve.pyproject import load_pyproject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.model import RequirementSet
    from slspack.resolve.files import ServiceFiles

PYLOCK = "pylock.toml"
PYPROJECT = "pyproject.toml"
_REQUIREMENTS_TXT = "requirements.txt"
_REQUIREMENTS_IN = "requirements.in"
ORDER = (PYLOCK, _REQUIREMENTS_TXT, _REQUIREMENTS_IN, PYPROJECT)
"""The known names: of those in one folder, the first is taken."""


class LockFileUse(Enum):
    """Whether a pylock.toml counts as a source: to build it does, to write a new one it does not."""

    READ = "read"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Source:
    """Where requirements are read from. Without a lock and without files there are none."""

    lock: str | None = None
    """A lock file to read; `files` are then those that it was made from, if they are there."""
    files: tuple[str, ...] = ()
    """Requirements files and pyproject.toml files, in the order of reading."""
    findings: tuple[Finding, ...] = ()

    @property
    def folder(self) -> str:
        """The folder of the first file; `.` for the service's own."""
        first = self.lock or next(iter(self.files), "")
        return posixpath.dirname(first) or "."


def find_source(requirements: RequirementSet, files: ServiceFiles, lock_file: LockFileUse) -> Source:
    """The source of a requirement set: the files that it names, else the nearest known one.

    Nearest means: in `requirements.folder`, else in the folder above it, and so on up to the service's root. In one
    folder the order is ORDER; requirements files are passed over when groups or extras are asked for: they have none.

    Raises SLS0202 for a named file that is not there.
    """
    if requirements.files:
        return _named(requirements, files)
    for folder in _upwards(requirements.folder):
        present = [name for name in ORDER if _counts(posixpath.normpath(f"{folder}/{name}"), requirements, files)]
        if lock_file is LockFileUse.IGNORE:
            present = [name for name in present if name != PYLOCK]
        if present:
            return _chosen(folder, present)
    return Source()


def is_lock(path: str) -> bool:
    """Whether a file's name is one that PEP 751 gives to lock files: `pylock.toml` or `pylock.NAME.toml`."""
    name = posixpath.basename(path)
    return name == PYLOCK or (name.startswith("pylock.") and name.endswith(".toml") and name.count(".") == 2)


def _named(requirements: RequirementSet, files: ServiceFiles) -> Source:
    missing = [
        Finding(
            Code.REQUIREMENTS_NOT_FOUND,
            Severity.ERROR,
            f"there is no requirements file `{path}`",
            None,
            did_you_mean(path, files.beside(path)) or "the path is relative to the service",
        )
        for path in requirements.files
        if not files.is_file(path)
    ]
    if missing:
        raise ConfigError(missing)
    locks = [path for path in requirements.files if is_lock(path)]
    if len(locks) > 1:
        raise ConfigError.of(
            Code.LOCK_INVALID,
            f"several lock files are named: {', '.join(f'`{path}`' for path in locks)}",
            hint="name one lock file for each set of requirements",
        )
    others = tuple(path for path in requirements.files if path not in locks)
    return Source(locks[0] if locks else None, others)


def _upwards(folder: str) -> Iterator[str]:
    folder = posixpath.normpath(folder)
    while folder not in ("", ".") and not folder.startswith(".."):
        yield folder
        folder = posixpath.dirname(folder)
    yield "."


def _counts(path: str, requirements: RequirementSet, files: ServiceFiles) -> bool:
    if not files.is_file(path):
        return False
    asked = bool(requirements.groups or requirements.extras)
    name = posixpath.basename(path)
    if name == PYPROJECT:
        pyproject = load_pyproject(path, files)
        return pyproject is not None and (asked or pyproject.says_what_it_needs)
    return name == PYLOCK or not asked


def _chosen(folder: str, present: list[str]) -> Source:
    paths = {name: posixpath.normpath(f"{folder}/{name}") for name in present}
    # A lock beside what it was made from is the usual pair, and so is a compiled requirements.txt beside its input.
    taken = [name for name in present if name != PYLOCK]
    passed = [name for name in taken[1:] if (taken[0], name) != (_REQUIREMENTS_TXT, _REQUIREMENTS_IN)]
    findings: tuple[Finding, ...] = ()
    if passed:
        others = " and ".join(f"`{paths[name]}`" for name in passed)
        findings = (
            Finding(
                Code.SEVERAL_SOURCES,
                Severity.NOTICE,
                f"requirements are read from `{paths[taken[0]]}`, not from {others} beside it",
                Location(paths[taken[0]]),
                "name the file to read in `requirements`",
            ),
        )
    lock = paths.get(PYLOCK)
    return Source(lock, tuple(paths[name] for name in taken[:1]), findings)

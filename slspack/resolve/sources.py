"""Which files a requirement set is read from."""

from __future__ import annotations

import posixpath
from enum import Enum
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.frozen import dataclass
from slspack.model import Finding, Location, Severity, Tool
from slspack.resolve.locks.formats import LOCK_NAMES, PYLOCK, LockFormat, lock_format
from slspack.resolve.nearest import did_you_mean
from slspack.resolve.pyproject import load_pyproject
from slspack.resolve.workspace import workspace_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.model import RequirementSet
    from slspack.resolve.files import ServiceFiles

PYPROJECT = "pyproject.toml"
PIPFILE = "Pipfile"
_REQUIREMENTS_TXT = "requirements.txt"
_REQUIREMENTS_IN = "requirements.in"
_PLAIN = (_REQUIREMENTS_TXT, _REQUIREMENTS_IN)
ORDER = (PYLOCK, *LOCK_NAMES, *_PLAIN, PYPROJECT, PIPFILE)
"""The known names: of those in one folder, the first is taken. A lock comes before what it can be made from."""

_TOOLS = {"poetry.lock": Tool.POETRY, "Pipfile.lock": Tool.PIPENV, PIPFILE: Tool.PIPENV}


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
    """Requirements files and project files, in the order of reading."""
    findings: tuple[Finding, ...] = ()

    @property
    def folder(self) -> str:
        """The folder of the project, or of the first file; `.` for the service's own."""
        first = next(iter(self.files), None) or self.lock or ""
        return posixpath.dirname(first) or "."


def find_source(requirements: RequirementSet, files: ServiceFiles, lock_file: LockFileUse) -> Source:
    """The source of a requirement set: the files that it names, else the nearest known one.

    Nearest means: in `requirements.folder`, else in the folder above it, and so on up to the service's root. In one
    folder the order is ORDER; requirements files are passed over when groups or extras are asked for: they have none.
    A project that is a member of a uv workspace is read from the workspace's lock, wherever that is.

    Raises SLS0202 for a named file that is not there.
    """
    if requirements.files:
        return _named(requirements, files)
    for folder in _upwards(requirements.folder):
        present = [name for name in ORDER if _counts(name, folder, requirements, files)]
        if lock_file is LockFileUse.IGNORE:
            present = [name for name in present if name != PYLOCK]
        if present:
            return _chosen(folder, present, files)
    return Source()


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
    locks = [path for path in requirements.files if lock_format(path) is not None]
    if len(locks) > 1:
        raise ConfigError.of(
            Code.LOCK_INVALID,
            f"several lock files are named: {', '.join(f'`{path}`' for path in locks)}",
            hint="name one lock file for each set of requirements",
        )
    others = tuple(path for path in requirements.files if path not in locks)
    if locks:
        return Source(locks[0], others or _project_of(locks[0], files))
    script = next((path for path in others if path.endswith(".py")), None)
    if script is not None and others == (script,) and files.is_file(f"{script}.lock"):
        return Source(f"{script}.lock", others)
    return Source(None, others)


def _project_of(lock: str, files: ServiceFiles) -> tuple[str, ...]:
    """The project file beside a lock of a tool that has one; a pylock.toml stands alone."""
    name = posixpath.basename(lock)
    if lock_format(lock) is LockFormat.PYLOCK:
        return ()
    project = lock.removesuffix(".lock") if name.endswith(".py.lock") else _beside(lock, LOCK_NAMES[name].project)
    return (project,) if files.is_file(project) else ()


def _upwards(folder: str) -> Iterator[str]:
    folder = posixpath.normpath(folder)
    while folder not in ("", ".") and not folder.startswith(".."):
        yield folder
        folder = posixpath.dirname(folder)
    yield "."


def _counts(name: str, folder: str, requirements: RequirementSet, files: ServiceFiles) -> bool:
    path = posixpath.normpath(f"{folder}/{name}")
    if _TOOLS.get(name) in requirements.ignored_tools or not files.is_file(path):
        return False
    lock = LOCK_NAMES.get(name)
    if lock is not None and lock.project == PYPROJECT:
        return _says_what_it_needs(_beside(path, PYPROJECT), requirements, files)
    asked = bool(requirements.groups or requirements.extras or requirements.only_groups)
    if name == PYPROJECT:
        return _says_what_it_needs(path, requirements, files)
    return name not in _PLAIN or not asked


def _says_what_it_needs(path: str, requirements: RequirementSet, files: ServiceFiles) -> bool:
    pyproject = load_pyproject(path, files)
    if pyproject is None or (pyproject.is_poetry and Tool.POETRY in requirements.ignored_tools):
        return False
    asked = bool(requirements.groups or requirements.extras or requirements.only_groups)
    return asked or pyproject.says_what_it_needs


def _chosen(folder: str, present: list[str], files: ServiceFiles) -> Source:
    paths = {name: posixpath.normpath(f"{folder}/{name}") for name in present}
    lock = next((name for name in present if lock_format(name) is not None), None)
    if lock == PYLOCK:
        # It was made from what would be taken without it.
        made_from = _chosen(folder, present[1:], files) if present[1:] else Source()
        passed_lock = (_several(paths[PYLOCK], [made_from.lock]),) if made_from.lock else ()
        return Source(paths[PYLOCK], made_from.files, (*passed_lock, *made_from.findings))
    taken = present[0]
    read = _project_of(paths[taken], files) if lock else (paths[taken],)
    usual = {LOCK_NAMES[lock].project} if lock else {_REQUIREMENTS_IN} if taken == _REQUIREMENTS_TXT else set()
    passed = [paths[name] for name in present[1:] if name not in usual]
    findings = (_several(paths[taken], passed),) if passed else ()
    if taken == PYPROJECT:
        return Source(workspace_lock(paths[taken], files), read, findings)
    return Source(paths[taken] if lock else None, read, findings)


def _several(taken: str, passed: list[str]) -> Finding:
    others = " and ".join(f"`{path}`" for path in passed)
    return Finding(
        Code.SEVERAL_SOURCES,
        Severity.NOTICE,
        f"requirements are read from `{taken}`, not from {others} beside it",
        Location(taken),
        "name the file to read in `requirements`",
    )


def _beside(path: str, name: str) -> str:
    return posixpath.join(posixpath.dirname(path), name)

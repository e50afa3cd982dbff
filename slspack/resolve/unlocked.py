"""Project files that are resolved without a lock: a warning, or an error where a lock is required."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Finding, Location, Severity
from slspack.resolve.nearest import did_you_mean
from slspack.resolve.written import WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slspack.model import RequirementSet, Target
    from slspack.resolve.written import Written, WrittenRequirement


def unlocked(files: Sequence[str], written: Written, asked: RequirementSet, target: Target) -> tuple[Finding, ...]:
    """What there is to say of requirements that come from a project file, among `files`, and no lock.

    Raises SLS0212 where `requireLock` asks for a lock, SLS0213 for requirements that only a lock made by the project's
    own tool can express: those of alternative ranges; SLS0217 for those bound to an index that the project has not.
    """
    projects = [path for path in files if not _is_requirements_file(path)]
    if not projects or not written.requirements:
        return ()
    only_locked = [
        finding
        for one in written.requirements
        if one.holds_for(target)
        for finding in _needs_lock(one, projects, written.options.named)
    ]
    if only_locked:
        raise SlspackError(only_locked)
    severity = Severity.ERROR if asked.require_lock else Severity.WARNING
    message = (
        f"`{projects[0]}` has no lock file beside it, and one is required"
        if asked.require_lock
        else f"`{projects[0]}` has no lock file beside it: its requirements are resolved anew where nothing is kept"
    )
    hint = f"lock the project with its own tool ({_commands(projects[0])}), or `slspack lock`"
    finding = Finding(Code.NOT_LOCKED, severity, message, Location(projects[0]), hint)
    if asked.require_lock:
        raise SlspackError([finding])
    return (finding,)


def _needs_lock(
    one: WrittenRequirement, projects: list[str], named: Sequence[tuple[str, str | None]]
) -> Iterator[Finding]:
    hint = f"lock the project with its own tool ({_commands(projects[0])}): the lock says which file is meant"
    known = [name for name, _ in named]
    if one.index and one.index.lower() not in known:
        message = f"`{one.name}` may only come from the index `{one.index}`, which `{projects[0]}` does not name"
        there = did_you_mean(one.index, known) or "give its name and address there"
        yield Finding(Code.UNKNOWN_INDEX, Severity.ERROR, message, one.location, there)
    if one.reference.startswith(WORKSPACE):
        message = f"`{one.name}` is a member of a uv workspace, and only the workspace's lock tells where that lies"
        there = "run `uv lock` in the workspace: its `uv.lock` is found above the service, too"
        yield Finding(Code.NEEDS_LOCK, Severity.ERROR, message, one.location, there)
    if one.alternatives:
        ranges = " or ".join(f"`{text}`" for text in one.alternatives)
        message = f"`{one.name}` may be {ranges}, which no resolver of Python's standard requirements can be asked for"
        yield Finding(Code.NEEDS_LOCK, Severity.ERROR, message, one.location, hint)


def _is_requirements_file(path: str) -> bool:
    name = posixpath.basename(path)
    return name not in ("pyproject.toml", "Pipfile") and not name.endswith(".py")


def _commands(project: str) -> str:
    if posixpath.basename(project) == "Pipfile":
        return "`pipenv lock`"
    if project.endswith(".py"):
        return f"`uv lock --script {project}`"
    return "`uv lock`, `poetry lock`, `pdm lock`"

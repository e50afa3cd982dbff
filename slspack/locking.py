"""From the configuration to lock files: one for each requirement set of a service, or for each function."""

from __future__ import annotations

import posixpath
from dataclasses import field, replace
from enum import Enum
from typing import TYPE_CHECKING

from slspack.analysis import analyse, lock_groups
from slspack.beginning import begin
from slspack.codes import Code
from slspack.edges import Edges
from slspack.errors import ConfigError, SlspackError
from slspack.frozen import dataclass
from slspack.model import Finding, Location, Severity
from slspack.resolve import LockFileUse, Upgrade, lock_path, resolve, write_pylock
from slspack.resolve.own_requirements import is_own
from slspack.resolve.pins import PinChange, changes, pins_of_pylock, pins_of_requirements, preferences
from slspack.tree import ServiceTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from slspack.model import DistName, Lock, RequirementSet, Service
    from slspack.options import LoadOptions
    from slspack.plugins import Host
    from slspack.progress import Progress
    from slspack.resolve import ResolveContext
    from slspack.resolve.requirements_writer import LockedFor
    from slspack.resolve.written import WrittenRequirement


class LockFormat(Enum):
    """What `slspack lock` writes."""

    PYLOCK = "pylock"
    REQUIREMENTS = "requirements"


@dataclass(frozen=True, slots=True)
class LockRequest:
    """What is to be locked, and how. `output` is relative to the service."""

    folder: Path
    load: LoadOptions
    format: LockFormat = LockFormat.PYLOCK
    output: str | None = None
    """A file; of requirements by function, the folder of them."""
    per_function: bool = False
    upgrade: Upgrade = Upgrade.KEEP
    names: tuple[DistName, ...] = ()
    """What SOME of an upgrade is about."""


@dataclass(frozen=True, slots=True)
class LockFile:
    """A lock file of the service as it ought to be. `path` is relative to it."""

    path: str
    distributions: int
    changes: tuple[PinChange, ...]
    """From what is there to what ought to be."""
    present: bool
    """Whether there is such a file."""
    current: bool
    """Whether it says just this."""
    text: str = field(repr=False)


def plan_locks(request: LockRequest, progress: Progress) -> tuple[LockFile, ...]:
    """Resolve each requirement set for all targets of the functions that use it; nothing is written.

    What an existing file pins is stayed with where the requirements still allow it, unless that is to be upgraded.
    Raises SlspackError where requirements cannot be resolved; SLS0215 for a requirements file that slspack has not
    written; SLS0216 where what is to be upgraded is in no lock.
    """
    progress.stage("load")
    begun = begin(request.folder, request.load)
    planned = _Planning(request, begun.service, ServiceTree(begun.service.root), progress, begun.host)
    files = tuple(planned.of_functions() if request.per_function else planned.of_sets())
    if request.output is not None and not request.per_function and len(files) > 1:
        message = f"the service has {len(files)} sets of requirements, and `--output` names one file"
        raise ConfigError.of(Code.BAD_VALUE, message, hint="leave it out: each file goes beside its requirements")
    return files


def write_locks(service: Path, files: Sequence[LockFile]) -> None:
    """Write the files that are not current, each at once and whole. `service` is its folder."""
    for file in files:
        if not file.current:
            (service / file.path).parent.mkdir(parents=True, exist_ok=True)
            _replace(service / file.path, file.text.encode())


def check_locks(files: Sequence[LockFile]) -> None:
    """Raise SLS0214 for the files that are not current, all at once."""
    outdated = [_outdated(file) for file in files if not file.current]
    if outdated:
        raise SlspackError(outdated)


class _Planning:
    """One run of `slspack lock`."""

    def __init__(
        self, request: LockRequest, service: Service, tree: ServiceTree, progress: Progress, host: Host
    ) -> None:
        self._host = host
        self._request, self._service, self._tree, self._progress = request, service, tree, progress

    def of_sets(self) -> Iterator[LockFile]:
        edges = self._edges(LockFileUse.IGNORE)
        context = edges.resolving
        self._progress.stage("resolve")
        paths = {group.requirements: self._path(group.requirements, context) for group in lock_groups(self._service)}
        pins = {path: self._pins(path) for path in paths.values()}
        locks: dict[RequirementSet, list[Lock]] = {}
        for group in lock_groups(self._service):
            preferred = {}
            if self._request.upgrade is not Upgrade.REFRESH:
                preferred = preferences(pins[paths[group.requirements]], group.target, self._request.names)
            lock = resolve(group.requirements, group.target, context, preferred)
            locks.setdefault(group.requirements, []).append(lock)
        self._check_names([lock for of_targets in locks.values() for lock in of_targets])
        for requirements, of_targets in locks.items():
            text = self._text(paths[requirements], of_targets, requirements, edges)
            yield self._file(paths[requirements], text)

    def of_functions(self) -> Iterator[LockFile]:
        """A file for each function, of what its closure holds."""
        from slspack.progress import Timings
        from slspack.resolve.requirements_writer import LockedFor
        from slspack.trace import Scanner

        edges = self._edges(LockFileUse.READ)
        analysis = analyse(self._service, self._tree, edges, Scanner(), Timings(self._progress), host=self._host)
        for function in self._service.functions:
            whole = analysis.locks[function.name]
            held = {member.distribution.name for member in analysis.closures[function.name].members}
            lock = replace(
                whole,
                distributions=tuple(one for one in whole.distributions if one.name in held),
                listed=tuple(one for one in whole.listed if one.name in held),
            )
            path = posixpath.normpath(f"{self._request.output or 'requirements'}/{function.name}.txt")
            facts = analysis.facts_of(function)
            text = self._requirements(path, [LockedFor(lock, facts)], function.requirements, whole.sources[:1], edges)
            yield self._file(path, text)

    def _edges(self, lock_file: LockFileUse) -> Edges:
        environment = self._request.load.environment
        return Edges(
            self._tree, self._service, environment, self._progress, self._host, self._request.upgrade, lock_file
        )

    def _path(self, requirements: RequirementSet, context: ResolveContext) -> str:
        if self._request.output is not None:
            return self._request.output
        if self._request.format is LockFormat.PYLOCK:
            return lock_path(requirements, context)
        source = context.read(requirements, LockFileUse.IGNORE)
        first = next(iter(source.files), "")
        if len(source.files) == 1 and first.endswith(".in"):
            return f"{first.removesuffix('.in')}.txt"
        inputs = {posixpath.basename(path) for path in source.files}
        name = "requirements.lock.txt" if "requirements.txt" in inputs else "requirements.txt"
        return posixpath.normpath(f"{source.folder}/{name}")

    def _text(self, path: str, locks: list[Lock], requirements: RequirementSet, edges: Edges) -> str:
        context = edges.resolving
        if self._request.format is LockFormat.PYLOCK:
            return write_pylock(locks, requirements, context)
        from slspack.resolve.requirements_writer import LockedFor

        source = context.read(requirements, LockFileUse.IGNORE)
        sources = source.files if source.lock is None else (source.lock,)
        locked = [LockedFor(lock, edges.wheels.facts(lock.distributions)) for lock in locks]
        return self._requirements(path, locked, requirements, sources, edges)

    def _requirements(
        self,
        path: str,
        locked: Sequence[LockedFor],
        requirements: RequirementSet,
        sources: tuple[str, ...],
        edges: Edges,
    ) -> str:
        from slspack.resolve.requirements_writer import RequirementsFile, offered_files, write_requirements
        from slspack.resolve.resolving import configuration_for

        context = edges.resolving
        written = context.read(requirements).written
        client = context.indexes(configuration_for(written, context)).client
        offered = offered_files([one.lock for one in locked], client)
        file = RequirementsFile(path, _command(self._request), sources, self._service.root)
        return write_requirements(locked, offered, file)

    def _pins(self, path: str) -> tuple[WrittenRequirement, ...]:
        """What is pinned at a path that will be written. Raises SLS0215."""
        if not self._tree.is_file(path):
            return ()
        text = self._tree.read(path).decode("utf-8", "replace")
        if self._request.format is LockFormat.PYLOCK:
            return pins_of_pylock(text)
        if not is_own(text):
            raise ConfigError.of(
                Code.NOT_OURS,
                f"`{path}` is there, and slspack has not written it",
                at=Location(path),
                hint="name another file with `--output`, or remove this one if it may be replaced",
            )
        return pins_of_requirements(text)

    def _file(self, path: str, text: str) -> LockFile:
        before = self._pins(path)
        after = pins_of_pylock(text) if self._request.format is LockFormat.PYLOCK else pins_of_requirements(text)
        present = self._tree.is_file(path)
        current = present and self._tree.read(path) == text.encode()
        return LockFile(path, len({one.name for one in after}), changes(before, after), present, current, text)

    def _check_names(self, locks: Sequence[Lock]) -> None:
        from slspack.resolve.nearest import did_you_mean

        known = {one.name for lock in locks for one in lock.distributions}
        unknown = [name for name in self._request.names if name not in known]
        if unknown:
            raise ConfigError(
                Finding(
                    Code.NOT_IN_LOCK,
                    Severity.ERROR,
                    f"`{name}` cannot be upgraded: no lock of the service has it",
                    hint=did_you_mean(name, known) or "list it among the requirements first",
                )
                for name in unknown
            )


def _command(request: LockRequest) -> str:
    words = ["slspack lock --format requirements"]
    if request.per_function:
        words.append("--per-function")
    if request.output is not None:
        words.append(f"--output {request.output}")
    return " ".join(words)


def _outdated(file: LockFile) -> Finding:
    if not file.present:
        message = f"there is no `{file.path}`"
    elif file.changes:
        message = f"`{file.path}` is out of date: {', '.join(map(str, file.changes))}"
    else:
        message = f"`{file.path}` is out of date: its versions are right, but not its files, markers or sources"
    return Finding(Code.LOCK_OUT_OF_DATE, Severity.ERROR, message, Location(file.path), "run `slspack lock` again")


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.writing")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

"""What a build remembers for the next one, and what has changed in between."""

from __future__ import annotations

import posixpath
from dataclasses import field
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slspack.model import (
        Closure,
        Finding,
        Function,
        Lock,
        ModuleGraph,
        Plan,
        PlannedLayer,
        RequirementSet,
        Service,
        Target,
    )
    from slspack.stamps import Stamp


@dataclass(frozen=True, slots=True)
class LockGroup:
    """The functions that share one lock, because their requirements and targets are equal; none if only layers do."""

    requirements: RequirementSet
    target: Target
    functions: tuple[Function, ...]


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """An artifact on disk as it was left: `fingerprint` is its plan's."""

    fingerprint: str
    stamp: Stamp
    sha256: str


@dataclass(frozen=True, slots=True)
class Memory:
    """Every stage's outcome in the last good build. Mappings are by function, `plans` by artifact."""

    state: str
    """Names the state of the service that this is of, as in the inputs."""
    service: Service
    locks: Mapping[tuple[RequirementSet, Target], Lock]
    graphs: Mapping[str, ModuleGraph]
    closures: Mapping[str, Closure]
    closure_findings: tuple[Finding, ...]
    plans: Mapping[str, Plan]
    unused_patterns: tuple[Finding, ...]
    native: tuple[Finding, ...]
    """What was said of native code in all the artifacts."""
    plugins: str = ""
    """The key of the plugins that had a part in it."""
    layers: tuple[PlannedLayer, ...] | None = None
    """Those of distributions; None where none were to be planned."""
    layer_findings: tuple[Finding, ...] = ()
    names: tuple[str, ...] = ()
    """The functions that the build was of, if not of all: then what is said of the others is not all of it."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is not as it was when the memory was made."""

    files: Mapping[str, str] = field(default_factory=dict)
    """Files of the service whose content changed or that are gone, each with the sha256 of what it was."""
    folders: frozenset[str] = frozenset()
    """Folders of the service in which names came or went."""
    configuration: bool = False
    requirements: bool = False


@dataclass(frozen=True, slots=True)
class Recall:
    """A memory, and what has changed since. Each question is whether one stage's outcome still holds."""

    memory: Memory
    changes: Changes = field(default_factory=Changes)
    _functions: dict[str, Function] = field(init=False, default_factory=dict)
    """The functions as they were then, by name."""

    def __post_init__(self) -> None:
        self._functions.update((function.name, function) for function in self.memory.service.functions)

    def service(self) -> Service | None:
        """The service, if nothing that it was read from changed, and nothing of it had to be forgotten."""
        if self.changes.configuration or self.changes.folders or self.memory.service.indexes.forgotten:
            return None
        return None if any(map(self._names_requirements, self.changes.files)) else self.memory.service

    def _names_requirements(self, path: str) -> bool:
        """Whether a changed file is, or was, a script that says what its function needs."""
        service = self.memory.service
        if not path.endswith(".py"):
            return False
        if any(path in function.requirements.files for function in service.functions):
            return True
        from slspack.model import is_script

        file = service.root / path
        return file.is_file() and is_script(file.read_bytes())

    def lock(self, requirements: RequirementSet, target: Target, service: Service) -> Lock | None:
        """The lock of a requirement set, if nothing that it was made from changed, nor what the service says of it."""
        before = self.memory.service
        if (service.indexes, service.build) != (before.indexes, before.build):
            return None
        if self.changes.requirements or not self.changes.folders.isdisjoint(lookup_folders(requirements)):
            return None
        return self.memory.locks.get((requirements, target))

    def graph(self, function: Function, says_as_before: Callable[[str, str], bool]) -> ModuleGraph | None:
        """The graph of a function, if nothing that tracing it has looked at says anything else now.

        `says_as_before` is asked of sources whose content changed: by the path, and the sha256 of what it was.
        """
        graph = self.memory.graphs.get(function.name)
        if graph is None or self.changes.folders or self._functions.get(function.name) != function:
            return None
        before = self.changes.files
        changed = [module.path for module in graph.modules if module.path in before] if before else ()
        return graph if all(says_as_before(path, before[path]) for path in changed) else None

    def plan(self, function: Function, graph: ModuleGraph, closure: Closure) -> Plan | None:
        """The plan of a function's own artifact, if it would hold files of the same names from the same places."""
        if self.changes.folders or self._functions.get(function.name) != function:
            return None
        known = self.memory.graphs.get(function.name), self.memory.closures.get(function.name)
        if known[0] is None or known[1] is None:
            return None
        if known[0] is not graph and contents_of(known[0]) != contents_of(graph):
            return None
        if known[1] is not closure and _packaged(known[1]) != _packaged(closure):
            return None
        if function.source_roots != (".",) and any(pattern.include for pattern in function.patterns):
            return None  # of files that come under one name from a root and from elsewhere, the contents decide
        return self.memory.plans.get(function.name)

    def native(self, service: Service, plans: Mapping[str, Plan]) -> tuple[Finding, ...] | None:
        """What was said of native code, if the same artifacts would hold the same files but for Python's sources."""
        known = {**self.memory.plans, **{layer.plan.name: layer.plan for layer in self.memory.layers or ()}}
        plans = {name: plan for name, plan in plans.items() if plan.target is not None}
        if service.functions != self.memory.service.functions or plans.keys() != known.keys():
            return None
        alike = all(plan is known[name] or _native(plan) == _native(known[name]) for name, plan in plans.items())
        return self.memory.native if alike else None

    def unused_patterns(self, service: Service) -> tuple[Finding, ...] | None:
        """What was said of patterns that match nothing, if they and the names of the files are as they were."""
        if self.changes.folders or [f.patterns for f in service.functions] != [
            f.patterns for f in self.memory.service.functions
        ]:
            return None
        return self.memory.unused_patterns


def contents_of(graph: ModuleGraph) -> object:
    """What a graph brings into an artifact and what is asked of distributions: all but where imports stand."""
    return (
        [(module.name, module.path, module.archive) for module in graph.modules],
        [(data.path, data.archive) for data in graph.data],
    )


def _native(plan: Plan) -> object:
    entries = [(one.name, None if one.name.endswith(".py") else one) for one in plan.entries]
    return plan.functions, plan.target, plan.all_wheels, entries


def _packaged(closure: Closure) -> object:
    return [member.distribution for member in closure.members], [left.distribution for left in closure.left_out]


def lookup_folders(requirements: RequirementSet) -> frozenset[str]:
    """The folders whose names decide from which files requirements are read."""
    parts = [part for part in requirements.folder.split("/") if part not in ("", ".")]
    upwards = {"/".join(parts[:count]) or "." for count in range(len(parts) + 1)}
    named = {posixpath.dirname(posixpath.normpath(file)) or "." for file in requirements.files}
    searched = upwards | named
    return frozenset(searched | {f"{one}/requirements" if one != "." else "requirements" for one in searched})

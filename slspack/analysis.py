"""From the configuration to the closures: everything known of a service before an artifact is planned."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.collector import collector_at_rest
from slspack.errors import ConfigError, SlspackError
from slspack.frozen import dataclass
from slspack.memory import LockGroup, contents_of
from slspack.model import ArtifactDraft, Finding, Severity
from slspack.plugins import static_host

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from slspack.edges import Edges
    from slspack.memory import Memory, Recall
    from slspack.model import (
        Closure,
        DistName,
        ExternalImport,
        Function,
        Lock,
        LockedDistribution,
        ModuleGraph,
        ModuleName,
        Provided,
        RequirementSet,
        Service,
        Target,
        WheelFacts,
    )
    from slspack.plugins import Host
    from slspack.progress import Timings
    from slspack.trace import LayerModules, LockShare, Scanner
    from slspack.trace.roots import Ask
    from slspack.tree import ServiceTree


class LockFacts:
    """The facts of the wheels of each lock, read only when they are asked for."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self._known: dict[tuple[LockedDistribution, ...], Mapping[DistName, WheelFacts]] = {}

    def of(self, lock: Lock) -> Mapping[DistName, WheelFacts]:
        """What is known of each wheel of a lock. Raises as `WheelSource.facts` does."""
        known = self._known.get(lock.distributions)
        if known is None:
            known = self._known[lock.distributions] = self._edges.wheels.facts(lock.distributions)
        return known


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is known of a service. Every mapping is by the function's name."""

    service: Service
    tree: ServiceTree
    graphs: Mapping[str, ModuleGraph]
    groups: tuple[LockGroup, ...]
    locks: Mapping[str, Lock]
    facts: LockFacts
    closures: Mapping[str, Closure]
    closure_findings: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    layer_locks: Mapping[str, Lock] = field(default_factory=dict)
    """By the layer's name, of layers that have requirements of their own."""

    @property
    def all_locks(self) -> tuple[Lock, ...]:
        """Every lock, some more than once."""
        return *self.locks.values(), *self.layer_locks.values()

    def draft(self, name: str, functions: Sequence[Function], root: str = "/var/task") -> ArtifactDraft:
        """What is to go into an artifact of these functions, whose modules will stand in `root`."""
        names = [function.name for function in functions]
        graphs = {one: self.graphs[one] for one in names}
        closures = {one: self.closures[one] for one in names}
        return ArtifactDraft(name, tuple(functions), functions[0].target, graphs, closures, root)

    def facts_of(self, function: Function) -> Mapping[DistName, WheelFacts]:
        """The facts of the wheels in a function's lock."""
        return self.facts.of(self.locks[function.name])


def analyse(
    service: Service,
    tree: ServiceTree,
    edges: Edges,
    scanner: Scanner,
    timings: Timings,
    recall: Recall | None = None,
    wanted: Collection[str] | None = None,
    host: Host | None = None,
) -> Analysis:
    """Trace, resolve and draw the closures of all functions of a service, whichever of them will be built.

    Only those that are `wanted` (None: all) need be complete. What `recall` still knows is taken from there. Raises
    SlspackError with every error of the stage that failed.
    """
    groups = lock_groups(service)
    locks, graphs = _resolve_and_trace(service, groups, tree, edges, scanner, timings, recall)
    facts = LockFacts(edges)
    with timings.stage("closure"):
        closures, shared = _closures(
            service, groups, locks, graphs, facts, tree, edges, recall, wanted, host or static_host()
        )
    findings = [
        *service.findings,
        *(finding for lock in locks for finding in lock.findings),
        *(finding for function in service.functions for finding in graphs[function.name].findings),
        *shared,
        *(finding for function in service.functions for finding in closures[function.name].findings),
    ]
    raise_errors(findings)
    by_function = {f.name: lock for group, lock in zip(groups, locks, strict=True) for f in group.functions}
    of_layers = _layer_locks(service, groups, locks)
    return Analysis(service, tree, graphs, groups, by_function, facts, closures, shared, tuple(findings), of_layers)


def _layer_locks(service: Service, groups: Sequence[LockGroup], locks: Sequence[Lock]) -> Mapping[str, Lock]:
    by_group = {(group.requirements, group.target): lock for group, lock in zip(groups, locks, strict=True)}
    return {
        layer.name: by_group[layer.requirements, layer.target]
        for layer in service.layers.built
        if layer.requirements is not None
    }


def _resolve_and_trace(
    service: Service,
    groups: Sequence[LockGroup],
    tree: ServiceTree,
    edges: Edges,
    scanner: Scanner,
    timings: Timings,
    recall: Recall | None,
) -> tuple[list[Lock], Mapping[str, ModuleGraph]]:
    """Resolving mostly waits, for a resolver or the network, so that tracing goes on beside it.

    The collector rests meanwhile. It may let the other thread in while one makes a syntax tree, which reading a marker
    does, too; and Python 3.11 takes the depth of one for the other's: SystemError (python/cpython#106905).
    """
    functions = [function for group in groups for function in group.functions]
    known = [recall.lock(group.requirements, group.target, service) if recall else None for group in groups]
    if None not in known:
        return [lock for lock in known if lock], _trace(functions, tree, scanner, timings, recall)
    from concurrent.futures import ThreadPoolExecutor

    from slspack.resolve import resolve

    with collector_at_rest(), ThreadPoolExecutor(1, "trace") as aside:
        tracing = aside.submit(_trace, functions, tree, scanner, timings, recall)
        with timings.stage("resolve"):
            locks = [
                lock or resolve(group.requirements, group.target, edges.resolving)
                for lock, group in zip(known, groups, strict=True)
            ]
        return locks, tracing.result()


def _closures(
    service: Service,
    groups: Sequence[LockGroup],
    locks: Sequence[Lock],
    graphs: Mapping[str, ModuleGraph],
    facts: LockFacts,
    tree: ServiceTree,
    edges: Edges,
    recall: Recall | None,
    wanted: Collection[str] | None,
    host: Host,
) -> tuple[Mapping[str, Closure], tuple[Finding, ...]]:
    folders_moved = bool(recall and recall.changes.folders and service.layers.built)
    if recall and not folders_moved and _same_questions(service, groups, locks, graphs, recall.memory):
        return recall.memory.closures, recall.memory.closure_findings
    from slspack.trace import LockShare, draw_together

    together: dict[RequirementSet, list[LockShare]] = {}
    in_layers = _layer_modules(service, _layer_locks(service, groups, locks), facts, tree)
    for group, lock in zip(groups, locks, strict=True):
        if not group.functions:
            continue
        known, ask = facts.of(lock), _asking(host, lock, in_layers)
        share = LockShare(group.functions, lock, known, edges.wheel_imports(known, group.target), ask)
        together.setdefault(group.requirements, []).append(share)
    drawn = [draw_together(shares, graphs, wanted) for shares in together.values()]
    closures = {name: closure for shared in drawn for name, closure in shared.closures.items()}
    if host.has("slspack_amend_closure"):
        for group, lock in zip(groups, locks, strict=True):
            for function in group.functions:
                name = function.name
                closures[name] = host.amend_closure(function, graphs[name], lock, closures[name])
    return closures, tuple(finding for shared in drawn for finding in shared.findings)


def _layer_modules(
    service: Service, locks: Mapping[str, Lock], facts: LockFacts, tree: ServiceTree
) -> LayerModules | None:
    if not service.layers.built:
        return None
    from slspack.trace import LayerModules

    return LayerModules(service.layers.built, {name: facts.of(lock) for name, lock in locks.items()}, tree)


def _asking(host: Host, lock: Lock, in_layers: LayerModules | None) -> Ask | None:
    """Who is asked for imports that nothing in a lock provides: the function's layers, then plugins."""
    has_plugins = host.has("slspack_missing_import")
    if in_layers is None and not has_plugins:
        return None

    def ask(function: Function, imported: ExternalImport, module: ModuleName) -> Provided | None:
        provided = in_layers.provided(function, module) if in_layers else None
        if provided is None and has_plugins:
            return host.missing_import(function, imported, module, lock)
        return provided

    return ask


def _same_questions(
    service: Service,
    groups: Sequence[LockGroup],
    locks: Sequence[Lock],
    graphs: Mapping[str, ModuleGraph],
    memory: Memory,
) -> bool:
    """Whether the closures of the last build answer this one: same functions, same locks, same imports."""
    if service.functions != memory.service.functions:
        return False
    if any(memory.locks.get((g.requirements, g.target)) != lock for g, lock in zip(groups, locks, strict=True)):
        return False
    return all(
        graph is memory.graphs[name]
        or (graph.external == memory.graphs[name].external and contents_of(graph) == contents_of(memory.graphs[name]))
        for name, graph in graphs.items()
    )


def raise_errors(findings: Iterable[Finding]) -> None:
    """Raise every finding that is an error, together with the warnings that may explain it."""
    found = list(findings)
    if any(finding.severity is Severity.ERROR for finding in found):
        raise SlspackError(finding for finding in found if finding.severity is not Severity.NOTICE)


def _trace(
    functions: Sequence[Function], tree: ServiceTree, scanner: Scanner, timings: Timings, recall: Recall | None
) -> Mapping[str, ModuleGraph]:
    """The graph of every function. All their errors are raised together."""
    graphs: dict[str, ModuleGraph] = {}
    failures: list[SlspackError] = []
    with timings.stage("trace"):
        for function in functions:
            known = _known_graph(function, tree, scanner, recall) if recall else None
            try:
                graphs[function.name] = known or _trace_anew(function, tree, scanner)
            except SlspackError as error:
                failures.append(error)
    if failures:
        raise type(failures[0])(finding for failure in failures for finding in failure.findings)
    return graphs


def _trace_anew(function: Function, tree: ServiceTree, scanner: Scanner) -> ModuleGraph:
    from slspack.trace import trace_function

    return trace_function(function, tree, scanner)


def _known_graph(function: Function, tree: ServiceTree, scanner: Scanner, recall: Recall) -> ModuleGraph | None:
    return recall.graph(function, lambda path, before: scanner.says_as_before(path, before, tree, function.target))


def lock_groups(service: Service) -> tuple[LockGroup, ...]:
    """The service's functions by the lock that they share, in the order of the configuration; then the layers' own."""
    groups: dict[tuple[RequirementSet, Target], list[Function]] = {}
    for function in service.functions:
        groups.setdefault((function.requirements, function.target), []).append(function)
    for layer in service.layers.built:
        if layer.requirements is not None:
            groups.setdefault((layer.requirements, layer.target), [])
    return tuple(LockGroup(requirements, target, tuple(f)) for (requirements, target), f in groups.items())


def with_packages(service: Service, edges: Edges, recall: Recall | None = None) -> Service:
    """The service with the local packages among each function's requirements; `edges` know of them from now on.

    Raises SLS0406 where two have a module of one name.
    """
    functions = service.functions
    if recall is None or service is not recall.memory.service or recall.changes.requirements:
        from slspack.resolve.local import check_shadowed, local_packages

        functions = ()
        # What a layer requires is built for it, also where it is a folder: the layer is to hold it.
        for group in (group for group in lock_groups(service) if group.functions):
            packages = local_packages(group.requirements, group.target, edges.resolving)
            check_shadowed(packages)
            functions += tuple(replace(function, packages=packages) for function in group.functions)
        order = {function.name: place for place, function in enumerate(service.functions)}
        functions = tuple(sorted(functions, key=lambda function: order[function.name]))
    edges.take_in({package for function in functions for package in function.packages})
    return replace(service, functions=functions) if functions != service.functions else service


def select_functions(service: Service, names: Sequence[str]) -> tuple[Function, ...]:
    """The functions of those names, or all if there are none. Raises SLS0108 for unknown names, all of them at once."""
    if not names:
        return service.functions
    known = {function.name: function for function in service.functions}
    skipped = {function.name: function.reason for function in service.skipped}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ConfigError(_no_such_function(name, known, skipped) for name in unknown)
    return tuple(known[name] for name in dict.fromkeys(names))


def _no_such_function(name: str, known: Iterable[str], skipped: Mapping[str, str]) -> Finding:
    if name in skipped:
        message = f"function `{name}` is left alone: {skipped[name]}"
        return Finding(Code.NO_SUCH_FUNCTION, Severity.ERROR, message)
    import difflib

    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"the service has: {', '.join(sorted(known))}"
    return Finding(Code.NO_SUCH_FUNCTION, Severity.ERROR, f"no function `{name}` in the service", hint=hint)

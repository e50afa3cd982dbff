"""The walk through the stages: the one place that knows their order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.analysis import Analysis, analyse, raise_errors, select_functions, with_packages
from slspack.bundle.renewal import with_contents
from slspack.check import check_sizes, unmeasured
from slspack.edges import Edges
from slspack.frozen import dataclass
from slspack.layers import Layering, draw_layers, folder_layers
from slspack.model import ArtifactFormat
from slspack.trace import Scanner
from slspack.tree import ServiceTree

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from slspack.looks import Looks
    from slspack.memory import Recall
    from slspack.model import Closure, Digest, DistName, Finding, Function, Plan, PlannedLayer, Service, WheelFacts
    from slspack.progress import Timings
    from slspack.request import BuildRequest
    from slspack.stamps import SeenFile
    from slspack.trace import Explanation, SourceFacts


@dataclass(frozen=True, slots=True)
class Planned:
    """The plans of a service's artifacts, by the artifact's name, and the analysis that they rest on."""

    analysis: Analysis
    edges: Edges
    functions: tuple[Function, ...]
    plans: Mapping[str, Plan]
    unused_patterns: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    layers: tuple[PlannedLayer, ...] = ()
    """Those that the functions use, and those that nobody does."""
    layering: Layering | None = None
    """None where functions are to be whole."""


def plan_artifacts(
    request: BuildRequest,
    timings: Timings,
    looks: Looks | None = None,
    recall: Recall | None = None,
    known_files: Mapping[str, SeenFile] | None = None,
    facts: MutableMapping[Digest, SourceFacts] | None = None,
    service: Service | None = None,
) -> Planned:
    """What a build of the request would write. What the configuration is read from is noted in `looks`.

    What `recall` still knows is taken from there; `known_files` need not be read, nor sources scanned whose facts are
    known. `service` is the configuration, where it has been read. Raises SlspackError with every error of the stage
    that failed.
    """
    with timings.stage("load"):
        service = service or (recall.service() if recall else None) or _load(request, looks)
        select_functions(service, request.names)
    tree = ServiceTree(service.root, known_files)
    edges = Edges(tree, service, request.load.environment, timings.progress)
    service = with_packages(service, edges, recall)
    functions = select_functions(service, request.names)
    analysis = analyse(service, tree, edges, Scanner(facts), timings, recall, request.names or None)
    with timings.stage("plan"):
        # An emulator's processes have no layers: what they serve is whole.
        layering = draw_layers(analysis, recall) if not request.live else Layering((), analysis.closures)
        raise_errors((*analysis.findings, *layering.findings))
        plans = _plans(analysis, functions, layering, request, recall)
        folders = () if request.live else folder_layers(analysis)
        unused = recall.unused_patterns(service) if recall else None
        if unused is None:
            from slspack.bundle import unused_patterns

            unused = unused_patterns(service.functions, tree)
    names = {function.name for function in functions}
    layers = tuple(
        layer
        for layer in (*layering.layers, *folders)
        if not names.isdisjoint(layer.functions) or not (request.names or layer.functions)
    )
    # What stripping leaves of a wheel is known when it is done: those artifacts are measured as they are written.
    measured = {name: plan for name, plan in plans.items() if not unmeasured(plan, layers)}
    findings = (
        *analysis.findings,
        *unused,
        *layering.findings,
        *(finding for plan in plans.values() for finding in plan.findings),
        *(finding for layer in layers for finding in layer.plan.findings),
        *check_sizes(functions, measured, layers),
    )
    raise_errors(findings)
    return Planned(analysis, edges, functions, plans, unused, findings, layers, None if request.live else layering)


def explain_name(request: BuildRequest, name: str, timings: Timings) -> Explanation:
    """Why a name is in the function that the request names, or why it is not. Raises as `plan_artifacts` does."""
    from slspack.trace import Finder, explain

    with timings.stage("load"):
        service = _load(request, None)
        select_functions(service, request.names)
    tree = ServiceTree(service.root)
    edges = Edges(tree, service, request.load.environment, timings.progress)
    service = with_packages(service, edges)
    (function,) = select_functions(service, request.names)
    analysis = analyse(service, tree, edges, Scanner(), timings)
    finder = Finder(tree, function.source_roots, function.target, function.packages)
    return explain(
        function,
        name,
        analysis.graphs[function.name],
        analysis.closures[function.name],
        analysis.locks[function.name],
        analysis.facts_of(function),
        lambda module: found.path if (found := finder.find(module)) else None,
    )


def _load(request: BuildRequest, looks: Looks | None) -> Service:
    from slspack.config import load_service

    return load_service(request.folder, request.load, looks)


def _plans(
    analysis: Analysis,
    functions: tuple[Function, ...],
    layering: Layering,
    request: BuildRequest,
    recall: Recall | None,
) -> Mapping[str, Plan]:
    """A plan for each function that gets an artifact of its own, and one for those that share the service's."""
    nesting = request.format is ArtifactFormat.ZIP
    plans = {
        function.name: _own_plan(function, analysis, layering, recall, nesting=nesting)
        for function in functions
        if function.individually
    }
    shared = tuple(
        replace(function, zipped=function.zipped and nesting)
        for function in analysis.service.functions
        if not function.individually
    )
    if any(not function.individually for function in functions):
        from slspack.bundle import plan_service

        facts = {name: known for one in shared for name, known in analysis.facts_of(one).items()}
        together = plan_service(analysis.service, shared, analysis.graphs, layering.closures, analysis.tree, facts)
        plans[analysis.service.name] = _beside_layers(together, layering, facts)
    return plans


def _own_plan(
    function: Function, analysis: Analysis, layering: Layering, recall: Recall | None, *, nesting: bool
) -> Plan:
    graph, closure = analysis.graphs[function.name], layering.closures[function.name]
    known = recall.plan(function, graph, analysis.closures[function.name]) if recall else None
    wanted = replace(function, zipped=function.zipped and nesting)
    if known and not _holds(known, closure, nested=wanted.zipped):
        known = None
    renewed = with_contents(known, recall.changes.files, analysis.tree) if recall and known else None
    if renewed is not None:
        return renewed
    from slspack.bundle import plan_function

    facts = analysis.facts_of(function)
    return _beside_layers(plan_function(wanted, graph, closure, analysis.tree, facts), layering, facts)


def _holds(plan: Plan, closure: Closure, *, nested: bool) -> bool:
    """Whether a plan of before holds what the closure does, where it is to be."""
    held = plan.nested if nested else plan.wheels
    return [part.distribution for part in held] == [member.distribution for member in closure.members] and (
        len(held) == len(plan.all_wheels)
    )


def _beside_layers(plan: Plan, layering: Layering, facts: Mapping[DistName, WheelFacts]) -> Plan:
    """The plan, with what is to be said of packages that its layers have, too."""
    layers = [layer.plan for layer in layering.layers if not set(layer.functions).isdisjoint(plan.functions)]
    if not layers:
        return plan
    from slspack.bundle import split_packages

    return replace(plan, findings=(*plan.findings, *split_packages(plan, layers, facts)))

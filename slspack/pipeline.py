"""The walk through the stages: the one place that knows their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.analysis import Analysis, analyse, raise_errors, select_functions, with_packages
from slspack.beginning import begin, recalled
from slspack.check import is_measured_with
from slspack.edges import Edges
from slspack.frozen import dataclass
from slspack.limits import check_plans, check_unused_layers
from slspack.planning import plan_all, pruning
from slspack.trace import Scanner
from slspack.tree import ServiceTree

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from slspack.beginning import Begun
    from slspack.layers import Layering
    from slspack.memory import Recall
    from slspack.model import Digest, Finding, Function, Plan, PlannedLayer
    from slspack.plugins import Census, Host
    from slspack.progress import Timings
    from slspack.request import BuildRequest
    from slspack.stamps import SeenFile
    from slspack.trace import Amendment, Explanation, SourceFacts


@dataclass(frozen=True, slots=True)
class Planned:
    """The plans of a service's artifacts, by the artifact's name, and the analysis that they rest on."""

    analysis: Analysis
    edges: Edges
    begun: Begun
    recalled: bool
    """Whether what was remembered still held: it does not where other plugins have a part in it."""
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
    recall: Recall | None = None,
    known_files: Mapping[str, SeenFile] | None = None,
    facts: MutableMapping[Digest, SourceFacts] | None = None,
    census: Census | None = None,
    begun: Begun | None = None,
) -> Planned:
    """What a build of the request would write.

    What `recall` still knows is taken from there; `known_files` need not be read, nor sources scanned whose facts are
    known; `census` is what plugins are known to be installed; `begun` is the configuration, where it has been read.
    Raises SlspackError with every error of the stage that failed.
    """
    with timings.stage("load"):
        if begun is None and recall is not None:
            begun = recalled(request.folder, request.load, recall, census)
        begun = begun or begin(request.folder, request.load, census)
        service, host = begun.service, begun.host
        recall = recall if recall and recall.memory.plugins == host.key else None
        raise_errors(service.findings)
        select_functions(service, request.names)
    tree = ServiceTree(service.root, known_files)
    edges = Edges(tree, service, request.load.environment, timings.progress, host)
    service = with_packages(service, edges, recall)
    functions = select_functions(service, request.names)
    scanner = Scanner(facts, _amendment(host))
    analysis = analyse(service, tree, edges, scanner, timings, recall, request.names or None, host)
    with timings.stage("plan"):
        plans = plan_all(analysis, functions, request, edges, host, begun.plugin_looks, recall)
        unused = recall.unused_patterns(service) if recall else None
        if unused is None:
            from slspack.bundle import unused_patterns

            unused = unused_patterns(service.functions, tree)
    layers, layering = plans.layers, plans.layering
    # What is stripped or transformed is measured when it is done: those artifacts are checked as they are written.
    measured = {name: plan for name, plan in plans.artifacts.items() if is_measured_with(plan, layers)}
    findings = (
        *analysis.findings,
        *unused,
        *(layering.findings if layering else ()),
        *(finding for plan in plans.artifacts.values() for finding in plan.findings),
        *(finding for layer in layers for finding in layer.plan.findings),
        *check_plans(measured, layers, service, host),
        *check_unused_layers([layer for layer in layers if layer.plan.is_measured], host),
    )
    raise_errors(findings)
    return Planned(
        analysis, edges, begun, recall is not None, functions, plans.artifacts, unused, findings, layers, layering
    )


def local_variables(planned: Planned, request: BuildRequest) -> Mapping[str, str]:
    """What plugins want to be in the environment of functions that run on this machine; nothing if none is to."""
    host = planned.begun.host
    if not (request.live or request.runs) or not host.has("slspack_local_variables"):
        return {}
    from slspack.plugins import OwnFiles

    analysis = planned.analysis
    files = OwnFiles(analysis.tree, planned.begun.plugin_looks, request.load.environment)
    return host.local_variables(analysis.service, files)


def _amendment(host: Host) -> Amendment | None:
    if not host.has("slspack_scan_source"):
        return None
    from slspack.trace import Amendment

    return Amendment(host.key_for("slspack_scan_source"), host.scan_source)


def explain_name(request: BuildRequest, name: str, timings: Timings) -> Explanation:
    """Why a name is in the function that the request names, or why it is not. Raises as `plan_artifacts` does."""
    from slspack.trace import Finder, explain

    with timings.stage("load"):
        begun = begin(request.folder, request.load)
        service, host = begun.service, begun.host
        select_functions(service, request.names)
    tree = ServiceTree(service.root)
    edges = Edges(tree, service, request.load.environment, timings.progress, host)
    service = with_packages(service, edges)
    (function,) = select_functions(service, request.names)
    analysis = analyse(service, tree, edges, Scanner(amendment=_amendment(host)), timings, host=host)
    finder = Finder(tree, function.source_roots, function.target, function.packages)
    return explain(
        function,
        name,
        analysis.graphs[function.name],
        analysis.closures[function.name],
        analysis.locks[function.name],
        analysis.facts_of(function),
        lambda module: found.path if (found := finder.find(module)) else None,
        pruning(analysis, function, request, edges, host, begun.plugin_looks),
    )

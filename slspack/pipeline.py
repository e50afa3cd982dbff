"""The walk through the stages: the one place that knows their order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.analysis import Analysis, analyse, raise_errors, select_functions, with_packages
from slspack.beginning import begin, recalled
from slspack.bundle.renewal import fingerprint, with_contents
from slspack.edges import Edges
from slspack.frozen import dataclass
from slspack.keys import key_of
from slspack.model import KeptSource
from slspack.plugins import ENTRY_HOOKS
from slspack.trace import Scanner
from slspack.tree import ServiceTree

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from slspack.beginning import Begun
    from slspack.bundle import Plugged
    from slspack.looks import Looks
    from slspack.memory import Recall
    from slspack.model import Digest, Finding, Function, Plan, Service
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
        planner = _Planner(analysis, host, begun.plugin_looks, request.load.environment, recall)
        plans = planner.plans(functions)
        if service.build.image.extra_files:
            plans = _with_extra_files(plans, analysis, edges, recall)
        plans = _image_plans(plans, service)
        unused = recall.unused_patterns(service) if recall else None
        if unused is None:
            from slspack.bundle import unused_patterns

            unused = unused_patterns(service.functions, tree)
    # What is stripped or transformed is measured when it is done: those artifacts are checked as they are written.
    findings = (
        *analysis.findings,
        *unused,
        *(finding for plan in plans.values() for finding in plan.findings),
        *(finding for plan in plans.values() if _is_bounded(plan, service) for finding in host.check_plan(plan)),
    )
    raise_errors(findings)
    return Planned(analysis, edges, begun, recall is not None, functions, plans, unused, findings)


def local_variables(planned: Planned, request: BuildRequest) -> Mapping[str, str]:
    """What plugins want to be in the environment of functions that run on this machine; nothing if none is to."""
    host = planned.begun.host
    if not (request.live or request.runs) or not host.has("slspack_local_variables"):
        return {}
    from slspack.plugins import PluginFiles

    analysis = planned.analysis
    files = PluginFiles(analysis.tree, planned.begun.plugin_looks, request.load.environment)
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
    )


class _Planner:
    """Plans the artifacts of one analysis."""

    def __init__(
        self, analysis: Analysis, host: Host, looks: Looks, environment: Mapping[str, str], recall: Recall | None
    ) -> None:
        self._analysis = analysis
        self._host = host
        self._looks = looks
        self._environment = environment
        self._recall = recall
        self._is_plugged = host.has(*ENTRY_HOOKS, "slspack_finish_artifact")

    def plans(self, functions: tuple[Function, ...]) -> Mapping[str, Plan]:
        """A plan for each function that gets an artifact of its own, and one for those that share the service's."""
        analysis = self._analysis
        plans = {function.name: self._own_plan(function) for function in functions if function.individually}
        shared = tuple(function for function in analysis.service.functions if not function.individually)
        if any(not function.individually for function in functions):
            facts = {name: known for one in shared for name, known in analysis.facts_of(one).items()}
            name = analysis.service.name
            plugged = self._plugged(name, shared)
            from slspack.bundle import plan_service

            together = plan_service(
                analysis.service, shared, analysis.graphs, analysis.closures, analysis.tree, facts, plugged
            )
            plans[name] = replace(together, functions=tuple(one.name for one in shared))
        return plans

    def _own_plan(self, function: Function) -> Plan:
        analysis, recall = self._analysis, self._recall
        graph, closure = analysis.graphs[function.name], analysis.closures[function.name]
        known = recall.plan(function, graph, closure) if recall and self._may_recall(recall) else None
        renewed = with_contents(known, recall.changes.files, analysis.tree) if recall and known else None
        if renewed is not None:
            return renewed
        from slspack.bundle import plan_function

        plugged = self._plugged(function.name, (function,))
        return plan_function(function, graph, closure, analysis.tree, analysis.facts_of(function), plugged)

    def _may_recall(self, recall: Recall) -> bool:
        """Whether plugins would plan as they did: they may have looked at whatever counts as configuration."""
        return not (self._is_plugged and recall.changes.configuration)

    def _plugged(self, name: str, functions: tuple[Function, ...]) -> Plugged | None:
        if not self._is_plugged:
            return None
        from slspack.bundle import Plugged
        from slspack.plugins import PluginFiles

        files = PluginFiles(self._analysis.tree, self._looks, self._environment)
        return Plugged(self._host, self._analysis.draft(name, functions), files)


def _with_extra_files(
    plans: Mapping[str, Plan], analysis: Analysis, edges: Edges, recall: Recall | None
) -> Mapping[str, Plan]:
    """The plans with the files that the settings want of the image."""
    from slspack.bundle import with_extra_files

    changes = recall.changes if recall else None
    before: Mapping[str, Plan] = {}
    if recall and changes and not (changes.configuration or changes.requirements or changes.folders):
        before = recall.memory.plans
    found: dict[str, Plan] = {}
    for name, plan in plans.items():
        last = before[name].entries if name in before and before[name].target == plan.target else ()
        known = tuple(entry for entry in last if isinstance(entry.source, KeptSource))
        facts = {
            key: one for function in plan.functions for key, one in analysis.facts.of(analysis.locks[function]).items()
        }
        found[name] = with_extra_files(plan, edges.extra_files(plan.target, known), facts)
    return found


def _image_plans(plans: Mapping[str, Plan], service: Service) -> Mapping[str, Plan]:
    """The plans, those of images with fingerprints of their own: what starts and what it stands on counts for them."""
    images = {function.name: function for function in service.functions if function.image}
    if not images:
        return plans
    return {
        name: replace(
            plan,
            fingerprint=key_of(
                "image",
                fingerprint(plan.entries, plan.wheels, plan.finishing),
                images[name].image,
                images[name].handler.text,
                (service.name, service.stage),
            ),
        )
        if name in images
        else plan
        for name, plan in plans.items()
    }


def _is_bounded(plan: Plan, service: Service) -> bool:
    """Whether Lambda's bound for a zip's content is known to matter yet: it is none for an image."""
    is_image = any(function.image and function.name in plan.functions for function in service.functions)
    return plan.is_measured and not is_image

"""The walk through the stages: the one place that knows their order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.analysis import Analysis, analyse, raise_errors, select_functions, with_packages
from slspack.bundle.renewal import fingerprint, with_contents
from slspack.check import check_unzipped
from slspack.edges import Edges
from slspack.frozen import dataclass
from slspack.keys import key_of
from slspack.model import KeptSource
from slspack.trace import Scanner
from slspack.tree import ServiceTree

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from slspack.looks import Looks
    from slspack.memory import Recall
    from slspack.model import Digest, Finding, Function, Plan, Service
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
        plans = _plans(analysis, functions, recall)
        if service.build.image.extra_files:
            plans = _with_extra_files(plans, analysis, edges, recall)
        plans = _image_plans(plans, service)
        unused = recall.unused_patterns(service) if recall else None
        if unused is None:
            from slspack.bundle import unused_patterns

            unused = unused_patterns(service.functions, tree)
    # What stripping leaves of a wheel is known when it is done: those artifacts are measured as they are written.
    measured = [plan for plan in plans.values() if not any(part.selection.strip for part in plan.wheels)]
    findings = (
        *analysis.findings,
        *unused,
        *(finding for plan in plans.values() for finding in plan.findings),
        *(finding for plan in measured for finding in _unzipped(plan, service)),
    )
    raise_errors(findings)
    return Planned(analysis, edges, functions, plans, unused, findings)


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


def _plans(analysis: Analysis, functions: tuple[Function, ...], recall: Recall | None) -> Mapping[str, Plan]:
    """A plan for each function that gets an artifact of its own, and one for those that share the service's."""
    plans = {function.name: _own_plan(function, analysis, recall) for function in functions if function.individually}
    shared = tuple(function for function in analysis.service.functions if not function.individually)
    if any(not function.individually for function in functions):
        from slspack.bundle import plan_service

        facts = {name: known for one in shared for name, known in analysis.facts_of(one).items()}
        together = plan_service(analysis.service, shared, analysis.graphs, analysis.closures, analysis.tree, facts)
        plans[analysis.service.name] = replace(together, functions=tuple(one.name for one in shared))
    return plans


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
                fingerprint(plan.entries, plan.wheels),
                images[name].image,
                images[name].handler.text,
                (service.name, service.stage),
            ),
        )
        if name in images
        else plan
        for name, plan in plans.items()
    }


def _unzipped(plan: Plan, service: Service) -> tuple[Finding, ...]:
    """Lambda's bound for a zip's content, which is none of an image's."""
    return () if any(f.image and f.name in plan.functions for f in service.functions) else check_unzipped(plan)


def _own_plan(function: Function, analysis: Analysis, recall: Recall | None) -> Plan:
    graph, closure = analysis.graphs[function.name], analysis.closures[function.name]
    known = recall.plan(function, graph, closure) if recall else None
    renewed = with_contents(known, recall.changes.files, analysis.tree) if recall and known else None
    if renewed is not None:
        return renewed
    from slspack.bundle import plan_function

    return plan_function(function, graph, closure, analysis.tree, analysis.facts_of(function))

"""The walk through the stages: the one place that knows their order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from slspack.analysis import Analysis, analyse, raise_errors, select_functions
from slspack.bundle import plan_function, plan_service, unused_patterns
from slspack.check import check_unzipped
from slspack.config import load_service
from slspack.edges import open_edges
from slspack.housekeeping import keep_within_bounds
from slspack.model import ArtifactFormat
from slspack.output import write_artifacts
from slspack.progress import Timings
from slspack.report import Manifest, make_manifest
from slspack.trace import Finder, explain
from slspack.tree import ServiceTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from slspack.config import LoadOptions
    from slspack.edges import Edges
    from slspack.model import Artifact, Finding, Function, Plan
    from slspack.progress import Progress
    from slspack.trace import Explanation

OUTPUT_FOLDER = ".slspack/dist"


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build. `folder` and `out` are absolute; no `names` means every function."""

    folder: Path
    load: LoadOptions
    names: tuple[str, ...] = ()
    out: Path | None = None
    format: ArtifactFormat = ArtifactFormat.ZIP

    @property
    def output(self) -> Path:
        """Where the artifacts go."""
        return self.out or self.folder / OUTPUT_FOLDER


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The plans of a service's artifacts, by the artifact's name, and the analysis that they rest on."""

    analysis: Analysis
    functions: tuple[Function, ...]
    plans: Mapping[str, Plan]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What was built, and what is worth knowing about it. Artifacts are by their names."""

    manifest: Manifest
    artifacts: Mapping[str, Artifact]
    findings: tuple[Finding, ...]


def build(request: BuildRequest, progress: Progress) -> BuildResult:
    """Build the artifacts of a service, and write its manifest beside them.

    Raises SlspackError with every error of the stage that failed; what an earlier build wrote then stays as it is.
    """
    timings = Timings(progress)
    planned, edges = _plan(request, progress, timings)
    written = write_artifacts(planned.plans, planned.analysis, request.output, request.format, edges, timings)
    findings = (*planned.findings, *written.findings)
    manifest = make_manifest(
        planned.analysis.service,
        planned.functions,
        {name: artifact for artifact in written.artifacts.values() for name in artifact.plan.functions},
        planned.analysis.graphs,
        planned.analysis.closures,
        findings,
        timings.seconds,
    )
    manifest.write(request.output)
    keep_within_bounds(edges.store, edges.limits, planned.analysis.locks.values())
    return BuildResult(manifest, written.artifacts, findings)


def plan(request: BuildRequest, progress: Progress) -> PlanResult:
    """What a build would write, without writing it. Raises as `build` does."""
    planned, _ = _plan(request, progress, Timings(progress))
    return planned


def explain_name(request: BuildRequest, name: str, progress: Progress) -> Explanation:
    """Why a name is in the function that the request names, or why it is not. Raises as `build` does."""
    analysis, _ = _analyse(request, progress, Timings(progress))
    (function,) = select_functions(analysis.service, request.names)
    finder = Finder(analysis.tree, function.source_roots, function.target)
    return explain(
        function,
        name,
        analysis.graphs[function.name],
        analysis.closures[function.name],
        analysis.locks[function.name],
        analysis.facts[function.name],
        lambda module: found.path if (found := finder.find(module)) else None,
    )


def _analyse(request: BuildRequest, progress: Progress, timings: Timings) -> tuple[Analysis, Edges]:
    with timings.stage("load"):
        service = load_service(request.folder, request.load)
        select_functions(service, request.names)
    tree = ServiceTree(service.root)
    edges = open_edges(tree, service.cache, request.load.environment, progress)
    return analyse(service, tree, edges, timings), edges


def _plan(request: BuildRequest, progress: Progress, timings: Timings) -> tuple[PlanResult, Edges]:
    analysis, edges = _analyse(request, progress, timings)
    functions = select_functions(analysis.service, request.names)
    with timings.stage("plan"):
        plans = _plans(analysis, functions)
        unused = unused_patterns(analysis.service.functions, analysis.tree)
    findings = [
        *analysis.findings,
        *unused,
        *(f for one in plans.values() for f in (*one.findings, *check_unzipped(one))),
    ]
    raise_errors(findings)
    return PlanResult(analysis, functions, plans, tuple(findings)), edges


def _plans(analysis: Analysis, functions: Iterable[Function]) -> Mapping[str, Plan]:
    """A plan for each function that gets an artifact of its own, and one for those that share the service's."""
    plans: dict[str, Plan] = {}
    shared = tuple(function for function in analysis.service.functions if not function.individually)
    for function in functions:
        if function.individually:
            plans[function.name] = plan_function(
                function,
                analysis.graphs[function.name],
                analysis.closures[function.name],
                analysis.tree,
                analysis.facts[function.name],
            )
        elif analysis.service.name not in plans:
            facts = {name: known for one in shared for name, known in analysis.facts[one.name].items()}
            plans[analysis.service.name] = replace(
                plan_service(analysis.service, shared, analysis.graphs, analysis.closures, analysis.tree, facts),
                functions=tuple(one.name for one in shared),
            )
    return plans

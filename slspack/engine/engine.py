"""One build after another of the same request, each doing only what the one before did not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from slspack.collector import collector_at_rest
from slspack.engine.database import Database
from slspack.engine.inputs import compare
from slspack.engine.keeping import KeptBuilds
from slspack.engine.outcome import Outcome
from slspack.memory import Changes, Recall, WrittenFile
from slspack.model import ArtifactFormat, Digest
from slspack.progress import Timings
from slspack.request import BuildResult
from slspack.stamps import stamp_of
from slspack.tree import OWN_FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.beginning import Begun
    from slspack.engine.facts import KeptFacts
    from slspack.engine.inputs import Comparison, Inputs
    from slspack.hooks import Hooks
    from slspack.memory import Memory
    from slspack.model import Artifact, Finding, Plan
    from slspack.output import Written
    from slspack.pipeline import Planned
    from slspack.plugins import Host
    from slspack.progress import Progress
    from slspack.report import Manifest
    from slspack.request import BuildRequest


class Engine:
    """Builds a request, as often as it is asked. What it learns is in the service's database, for the next process."""

    def __init__(self, request: BuildRequest, progress: Progress) -> None:
        self.request = request
        self._progress = progress
        self._database = Database(request.folder / OWN_FOLDER / "state.db")
        self._kept = KeptBuilds(self._database, request)
        self._inputs: Inputs | None = None
        self._memory: Memory | None = None
        self._known_facts: KeptFacts | None = None
        self._built_before = False
        self.host: Host | None = None
        """The plugins of the last build that had anything to do."""
        self.variables: Mapping[str, str] = {}
        """What plugins want to be in the environment of what runs on this machine, if the request asks for it."""

    @property
    def inputs(self) -> Inputs | None:
        """What the last good build depended on."""
        return self._inputs

    def build(self) -> BuildResult:
        """Build what is not as it should be. Raises SlspackError; then the artifacts of the last good build stay."""
        with collector_at_rest():  # what a build makes is much, has no cycles, and stays until its end
            return self._build_once()

    def _build_once(self) -> BuildResult:
        timings = Timings(self._progress)
        with timings.stage("check"):
            outcome = self._kept.outcome()
            comparison = self._compare()
        loaded: Begun | None = None
        hooks: Hooks | None = None
        if outcome is None or outcome.hooked or comparison is None or _configured_anew(comparison):
            with timings.stage("load"):
                loaded = self._begin(comparison)
            hooks = _hooks_of(loaded, self.request)
            if hooks and not self._built_before:
                hooks.before_build()
                comparison, loaded = self._compare(), None
        result = self._build(outcome, comparison, loaded, timings)
        if hooks:
            records = result.manifest.record["functions"].items()
            # A hook that writes into the service must not make watching it an endless round.
            names = [name for name, record in records if not (self._built_before and record["cached"])]
            if names or not self._built_before:
                hooks.after_build(result.manifest, names)
        self._built_before = True
        return result

    def _begin(self, comparison: Comparison | None) -> Begun:
        from slspack.beginning import begin

        census = comparison.inputs.census if comparison else None
        return begin(self.request.folder, self.request.load, census)

    def _compare(self) -> Comparison | None:
        inputs = self._inputs or self._kept.inputs()
        return compare(inputs, self.request.folder, self.request.load.environment) if inputs else None

    def _build(
        self, outcome: Outcome | None, comparison: Comparison | None, loaded: Begun | None, timings: Timings
    ) -> BuildResult:
        if comparison and outcome and comparison.changes is None and self._holds(outcome, comparison.inputs):
            self._inputs = comparison.inputs
            if comparison.renewed:
                self._kept.renew(comparison.inputs)
            again = outcome.again(timings.seconds["check"])
            partial = bool(self.request.names)
            manifest = again.manifest.beside_last(self.request.output) if partial else again.manifest
            manifest.write(self.request.output)
            return BuildResult(again.manifest, again.findings, _unchanged(again), partial)
        memory = self._memory or self._kept.memory() if comparison else None
        if comparison is None or memory is None or memory.state != comparison.inputs.state:
            return self._work(None, None, loaded, timings)
        return self._work(Recall(memory, comparison.changes or Changes()), comparison, loaded, timings)

    def _work(
        self,
        recall: Recall | None,
        comparison: Comparison | None,
        loaded: Begun | None,
        timings: Timings,
    ) -> BuildResult:
        from slspack.engine.differences import Reasons
        from slspack.housekeeping import keep_within_bounds
        from slspack.output import Order, write_artifacts
        from slspack.pipeline import local_variables, plan_artifacts

        began = time.time_ns()
        request, facts = self.request, self._facts()
        known_files = self._kept.files()
        known = comparison.inputs if comparison else None
        try:
            planned = plan_artifacts(
                request, timings, recall, known.files if known else None, facts, known.census if known else None, loaded
            )
        finally:
            facts.flush()
        self.host = host = planned.begun.host
        recall = recall if planned.recalled else None
        order = Order(planned.plans, request.output, request.format, planned.layers, request.check, known_files, recall)
        written = write_artifacts(order, planned.analysis, planned.edges, timings, host)
        artifacts = {name: artifact for artifact in written.artifacts.values() for name in artifact.plan.functions}
        self.variables = local_variables(planned, request)
        if request.live:
            from slspack.live import publish

            publish(planned.analysis.service, planned.functions, artifacts, self.variables)
        findings = (*planned.findings, *written.findings)
        manifest = _manifest_of(planned, written, artifacts, findings, timings)
        before: Mapping[str, Plan] = _plans_of(recall.memory) if recall else {}
        files = _files_of(written)
        self._kept.keep_files({**known_files, **files})
        result = BuildResult(manifest, findings, Reasons(before, written.artifacts), bool(request.names))
        self._keep(planned, written, result, comparison, files, began)
        host.report(result, request.output)
        keep_within_bounds(planned.edges.store, planned.edges.limits, planned.analysis.all_locks)
        return result

    def _keep(
        self,
        planned: Planned,
        written: Written,
        result: BuildResult,
        comparison: Comparison | None,
        files: Mapping[str, WrittenFile],
        began: int,
    ) -> None:
        """Remember a build. `began` is when it did, in nanoseconds."""
        from slspack.engine.observed import inputs_of, memory_of
        from slspack.model import HookSettings

        inputs = inputs_of(planned, comparison, self.request.load.environment, began)
        hooked = planned.analysis.service.hooks != HookSettings()
        reported = planned.begun.host.has("slspack_report")
        outcome = Outcome(result.manifest, result.findings, files, inputs.state, hooked, reported)
        self._inputs, self._memory = inputs, memory_of(planned, written, inputs.state, self.request.names)
        self._kept.keep(inputs, self._memory, outcome)
        sources = (Digest(seen.sha256) for path, seen in inputs.files.items() if path.endswith(".py"))
        self._facts().prune(sources, (group.target for group in planned.analysis.groups))

    def _holds(self, outcome: Outcome, inputs: Inputs) -> bool:
        """Whether an outcome is of these inputs and every artifact still the file that was written.

        Folders are looked into by their writer.
        """
        if outcome.reported or outcome.state != inputs.state:
            return False
        if self.request.format is not ArtifactFormat.ZIP:
            return False
        return all(self._kept.is_there(name, file) for name, file in outcome.written.items())

    def _facts(self) -> KeptFacts:
        if self._known_facts is None:
            from slspack.engine.facts import KeptFacts

            self._known_facts = KeptFacts(self._database)
        return self._known_facts


def _hooks_of(loaded: Begun, request: BuildRequest) -> Hooks | None:
    from slspack.model import HookSettings

    if loaded.service.hooks == HookSettings():
        return None
    from slspack.hooks import Hooks

    return Hooks(loaded.service.hooks, request)


def _configured_anew(comparison: Comparison) -> bool:
    return comparison.changes is not None and (comparison.changes.configuration or bool(comparison.changes.folders))


def _manifest_of(
    planned: Planned,
    written: Written,
    artifacts: Mapping[str, Artifact],
    findings: tuple[Finding, ...],
    timings: Timings,
) -> Manifest:
    from slspack.report import make_manifest

    analysis = planned.analysis
    return make_manifest(
        analysis.service,
        planned.functions,
        artifacts,
        analysis.graphs,
        analysis.closures,
        findings,
        timings.seconds | planned.begun.host.timings(),
        {layer.name: (layer, written.artifacts[layer.plan.name]) for layer in planned.layers},
    )


def _files_of(written: Written) -> Mapping[str, WrittenFile]:
    from slspack.output import IMAGE_SUFFIX

    return {
        f"{artifact.plan.name}{IMAGE_SUFFIX if artifact.image else '.zip'}": WrittenFile(
            artifact.plan.fingerprint, stamp, artifact.sha256
        )
        for artifact in written.artifacts.values()
        if artifact.sha256 and (stamp := stamp_of(artifact.path))
    }


def _plans_of(memory: Memory) -> Mapping[str, Plan]:
    return {**memory.plans, **{layer.plan.name: layer.plan for layer in memory.layers or ()}}


def _unchanged(outcome: Outcome) -> Mapping[str, tuple[str, ...]]:
    record = outcome.manifest.record
    artifacts = [("", each["artifact"], each["fingerprint"]) for each in record["functions"].values()]
    artifacts += [("layers/", each["artifact"], each["fingerprint"]) for each in record["layers"].values()]
    return {
        below + path.rpartition("/")[2].rpartition(".")[0]: (f"unchanged: its key is {mark[:12]} as before",)
        for below, path, mark in artifacts
    }

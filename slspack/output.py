"""From plans to written artifacts: segments made, native code checked, files put in place."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from slspack.analysis import raise_errors
from slspack.bundle import PackedFiles, rewriting_of, write_zip
from slspack.check import is_measured_with
from slspack.cores import on_all_cores
from slspack.frozen import dataclass
from slspack.keys import digest_file
from slspack.layers import ROOT, drafted_for
from slspack.limits import check_plans, check_unused_layers
from slspack.memory import WrittenFile
from slspack.model import Artifact, ArtifactFormat, Check, Digest
from slspack.nativecode import check_native_code
from slspack.plugins import static_host
from slspack.report import read_records
from slspack.segmenting import find, made_of, measured, own_segments, segments_of
from slspack.stamps import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from slspack.analysis import Analysis
    from slspack.bundle import DirectoryUpdate, Rewriting
    from slspack.edges import Edges
    from slspack.memory import Recall
    from slspack.model import ArtifactDraft, DistName, Finding, Function, Plan, PlannedLayer, WheelPart
    from slspack.plugins import Host
    from slspack.progress import Timings
    from slspack.report import ArtifactRecord
    from slspack.segmenting import Segments, Wanted


IMAGE_SUFFIX = ".image.json"
"""Of the file that says which image an artifact is."""
_LARGE = 4 << 20
"""Unzipped bytes of an artifact from which on writing it is mostly copying and hashing."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written: the plans of functions by artifact, and layers, into `output`."""

    plans: Mapping[str, Plan]
    output: Path
    form: ArtifactFormat
    layers: tuple[PlannedLayer, ...] = ()
    check: Check = Check.FILES
    """How closely folders are looked at."""
    remembered: Mapping[str, WrittenFile] = field(default_factory=dict)
    """The files that are there as a build left them, by name; of others, the manifest there counts."""
    recall: Recall | None = None
    """What is known of the build before."""


@dataclass(frozen=True, slots=True)
class Written:
    """The artifacts of a build, by name, and what their sizes mean."""

    artifacts: Mapping[str, Artifact]
    findings: tuple[Finding, ...]
    native: tuple[Finding, ...]
    """Those of them that are about native code."""


def write_artifacts(
    order: Order, analysis: Analysis, edges: Edges, timings: Timings, host: Host | None = None
) -> Written:
    """Write each artifact whose plan changed since the last build, and keep the others as they are.

    Raises SlspackError, before anything is written, for what is wrong with an artifact's size or native code.
    """
    return _Writing(order, analysis, edges, host or static_host()).run(timings)


def all_segments(order: Order, analysis: Analysis, edges: Edges, timings: Timings, host: Host) -> Segments:
    """The segments of everything that was ordered, fetched and made but not put anywhere."""
    layers = {layer.plan.name: layer for layer in order.layers}
    plans = (*order.plans.values(), *(layer.plan for layer in order.layers))
    wanted = [(part, _drafting(one, layers.get(one.name), analysis)) for one in plans for part in one.all_wheels]
    return segments_of(wanted, analysis, edges, timings, host)


def _drafting(plan: Plan, layer: PlannedLayer | None, analysis: Analysis) -> Callable[[], ArtifactDraft]:
    def draft() -> ArtifactDraft:
        if layer is not None:
            return analysis.draft(plan.name, drafted_for(layer, analysis.service), ROOT)
        return analysis.draft(plan.name, [f for f in analysis.service.functions if f.name in plan.functions])

    return draft


class _Writing:
    """One order on its way."""

    def __init__(self, order: Order, analysis: Analysis, edges: Edges, host: Host) -> None:
        self._order = order
        self._analysis = analysis
        self._edges = edges
        self._host = host
        functions = analysis.service.functions
        self._images = {f.name: f for f in functions if f.image and order.form is ArtifactFormat.ZIP}
        self._layers = {layer.plan.name: layer for layer in order.layers}
        self._kept: dict[str, Artifact | None] = {}
        self._rewritings: dict[str, Rewriting] = {}
        self._updates: dict[str, DirectoryUpdate] = {}

    def run(self, timings: Timings) -> Written:
        order, analysis, edges, host = self._order, self._analysis, self._edges, self._host
        plans = {**order.plans, **{layer.plan.name: layer.plan for layer in order.layers}}
        segments: Segments = segments_of(self._wanted(plans), analysis, edges, timings, host)
        native = order.recall.native(analysis.service, plans) if order.recall else None
        plans = {name: measured(plan, segments, edges) for name, plan in plans.items()}
        layers = tuple(replace(layer, plan=plans[layer.plan.name]) for layer in order.layers)
        findings = self._check_measured(plans, layers)
        with timings.stage("native"):
            if native is None:
                native = check_native_code(plans.values(), layers, segments, analysis, edges, host)
            findings += native
        with timings.stage("bundle"):
            artifacts = self._write(plans, segments, timings)
        written = [artifact for name, artifact in artifacts.items() if name not in self._images]
        findings += [found for one in written for found in host.check_artifact(one, self._zipped_size(one.plan))]
        raise_errors(findings)
        return Written(artifacts, tuple(findings), native)

    def _wanted(self, plans: Mapping[str, Plan]) -> list[Wanted]:
        """The parts that something has to be written of. What stays as it is, is noted beside."""
        order, last = self._order, _LastBuild(self._order.output, self._order.remembered)
        wanted: list[Wanted] = []
        for name, plan in plans.items():
            if order.form is ArtifactFormat.ZIP:
                self._kept[name] = last.unchanged(plan, self._file_name(plan))
                parts = () if self._kept[name] or self._is_rewritten(plan) else plan.all_wheels
            else:
                from slspack.bundle import prepare_directory

                self._updates[name] = prepare_directory(plan, order.output / plan.name, order.check)
                parts = tuple(self._updates[name].wheels)
            wanted += self._made_of(plan, parts)
        return wanted

    def _made_of(self, plan: Plan, parts: Iterable[WheelPart]) -> list[Wanted]:
        draft = _drafting(plan, self._layers.get(plan.name), self._analysis)
        return [(part, draft) for part in parts]

    def _is_rewritten(self, plan: Plan) -> bool:
        """Whether most of what the artifact is to hold can be taken from the one that is there. How, is noted."""
        before = self._order.recall.memory.plans.get(plan.name) if self._order.recall else None
        there = self._order.remembered.get(self._file_name(plan))
        if before is None or there is None or self._image_of(plan) is not None:
            return False
        rewriting = rewriting_of(before, plan, there, self._place(plan))
        if rewriting is not None:
            self._rewritings[plan.name] = rewriting
        return rewriting is not None

    def _check_measured(self, plans: Mapping[str, Plan], layers: tuple[PlannedLayer, ...]) -> list[Finding]:
        """What the real sizes mean of plans whose sizes were not known before. Raises SlspackError for SLS0701."""
        order, service = self._order, self._analysis.service
        late = {name: plans[name] for name, plan in order.plans.items() if not is_measured_with(plan, order.layers)}
        unused = [now for before, now in zip(order.layers, layers, strict=True) if not before.plan.is_measured]
        findings = [*check_plans(late, layers, service, self._host), *check_unused_layers(unused, self._host)]
        raise_errors(findings)
        return findings

    def _write(self, plans: Mapping[str, Plan], segments: Segments, timings: Timings) -> Mapping[str, Artifact]:
        files = PackedFiles(self._analysis.tree)
        joined = self._join_large(plans, segments, files)
        artifacts: dict[str, Artifact] = {}
        for name, plan in plans.items():
            if name in joined:
                artifact = joined[name]
            elif name in self._updates:
                own = own_segments(plan.wheels, segments)
                artifact = self._updates[name].apply(own, self._analysis.tree)
            elif name in self._rewritings:
                artifact = self._rewritings[name].write(files) or self._write_whole(plan, files, timings)
            else:
                artifact = self._kept[name] or self._write_file(plan, segments, files)
            artifact = replace(artifact, plan=plan)
            artifacts[name] = artifact if artifact.cached else self._host.finish_artifact(artifact)
        return artifacts

    def _join_large(self, plans: Mapping[str, Plan], segments: Segments, files: PackedFiles) -> Mapping[str, Artifact]:
        """The zips that are mostly copied and hashed, for which no thread has to wait."""
        done = self._updates.keys() | self._rewritings.keys() | {name for name, kept in self._kept.items() if kept}
        large = [
            name
            for name, plan in plans.items()
            if name not in done and plan.unzipped_bytes >= _LARGE and self._image_of(plan) is None
        ]
        return dict(
            zip(large, on_all_cores(lambda name: self._write_file(plans[name], segments, files), large), strict=True)
        )

    def _write_whole(self, plan: Plan, files: PackedFiles, timings: Timings) -> Artifact:
        """The artifact, where the one that is there turns out to be another than was left."""
        wanted = self._made_of(plan, plan.all_wheels)
        return self._write_file(plan, segments_of(wanted, self._analysis, self._edges, timings, self._host), files)

    def _write_file(self, plan: Plan, segments: Segments, files: PackedFiles) -> Artifact:
        own = own_segments(plan.all_wheels, segments)
        place, image = self._place(plan), self._image_of(plan)
        if image is not None:
            return self._edges.images.write(plan, image, own, self._analysis.tree, place)
        nested = None
        if plan.nested:
            from slspack.bundle import nested_segment

            nested = nested_segment(plan.nested, own, self._edges.store)
        return write_zip(plan, own, files, place, nested)

    def _place(self, plan: Plan) -> Path:
        return self._order.output / self._file_name(plan)

    def _file_name(self, plan: Plan) -> str:
        return f"{plan.name}{IMAGE_SUFFIX if self._image_of(plan) else '.zip'}"

    def _image_of(self, plan: Plan) -> Function | None:
        return self._images.get(plan.functions[0]) if plan.functions else None

    def _zipped_size(self, plan: Plan) -> Callable[[DistName], int]:
        made = {part.distribution.name: made_of(part) for part in plan.all_wheels}

        def size(name: DistName) -> int:
            segment = find(made[name], self._edges)
            return segment.zipped_bytes if segment else 0

        return size


class _LastBuild:
    """What earlier builds left in an output: as remembered, else as the manifest there says."""

    def __init__(self, output: Path, remembered: Mapping[str, WrittenFile]) -> None:
        self._output = output
        self._remembered = remembered
        self._records: Mapping[str, ArtifactRecord] | None = None

    def unchanged(self, plan: Plan, name: str) -> Artifact | None:
        """The artifact in the file of that name, if it is of the same plan and nobody has touched it since."""
        known = self._known(name, plan)
        if known is None:
            return None
        destination = self._output / name
        stamp = stamp_of(destination)
        if stamp is None:
            return None
        # A stamp alone is trusted: what slspack renamed into place changes its number or its times when touched.
        is_as_left = isinstance(known, WrittenFile) and known.stamp == stamp
        if not is_as_left and digest_file(destination) != known.sha256:
            return None
        artifact = Artifact(plan, destination, Digest(known.sha256), stamp.size, cached=True)
        if not name.endswith(IMAGE_SUFFIX):
            return artifact
        from slspack.container import read_image

        image = read_image(destination)
        return replace(artifact, image=image, bytes=sum(layer.bytes for layer in image.layers))

    def _known(self, name: str, plan: Plan) -> WrittenFile | ArtifactRecord | None:
        remembered = self._remembered.get(name)
        if remembered is not None:
            return remembered if remembered.fingerprint == plan.fingerprint else None
        if self._records is None:
            self._records = read_records(self._output)
        record = self._records.get(name)
        return record if record is not None and record.fingerprint == plan.fingerprint else None

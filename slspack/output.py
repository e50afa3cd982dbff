"""From plans to written artifacts: wheels fetched, segments made, files put in place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.analysis import raise_errors
from slspack.bundle import PackedFiles, find_segment, nested_segment, segment_for, write_zip
from slspack.check import check_sizes, check_upload, unmeasured
from slspack.frozen import dataclass
from slspack.keys import digest_file
from slspack.memory import WrittenFile
from slspack.model import ArchivePath, Artifact, ArtifactFormat, Check, Digest
from slspack.report import read_records
from slspack.stamps import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from slspack.analysis import Analysis
    from slspack.bundle import DirectoryUpdate, Segment
    from slspack.edges import Edges
    from slspack.memory import Recall
    from slspack.model import DistName, ElfFile, Finding, Function, Plan, PlannedLayer, Selection, WheelPart
    from slspack.progress import Timings
    from slspack.report import ArtifactRecord

    SegmentKey = tuple[Digest, Selection]

LAYER_PREFIX = "python/"


@dataclass(frozen=True, slots=True)
class Written:
    """The artifacts of a build, by name, and what their sizes mean."""

    artifacts: Mapping[str, Artifact]
    findings: tuple[Finding, ...]
    native: tuple[Finding, ...]
    """Those of them that are about native code."""


def write_artifacts(
    plans: Mapping[str, Plan],
    analysis: Analysis,
    output: Path,
    form: ArtifactFormat,
    edges: Edges,
    timings: Timings,
    remembered: Mapping[str, WrittenFile],
    check: Check = Check.FILES,
    recall: Recall | None = None,
    layers: Sequence[PlannedLayer] = (),
) -> Written:
    """Write each artifact whose plan changed since the last build into `output`, and keep the others as they are.

    `remembered` are the files that a build left there, by name; where they are of other plans, its manifest counts.
    `check` says how closely folders are looked at; `recall` is what is known of the build before.
    """
    last = _LastBuild(output, remembered)
    plans = {**plans, **{layer.plan.name: layer.plan for layer in layers}}
    artifacts: dict[str, Artifact] = {}
    findings: list[Finding] = []
    kept: dict[str, Artifact | None] = {}
    updates: dict[str, DirectoryUpdate] = {}
    parts: list[WheelPart] = []
    for name, plan in plans.items():
        if form is ArtifactFormat.ZIP:
            kept[name] = last.unchanged(plan)
            parts += plan.all_wheels if kept[name] is None else ()
        else:
            from slspack.bundle import prepare_directory

            updates[name] = prepare_directory(plan, output / plan.name, check)
            parts += updates[name].wheels
    segments = segments_of(parts, analysis, edges, timings)
    native = recall.native(analysis.service, plans) if recall else None
    plans = {name: _measured(plan, segments, edges) for name, plan in plans.items()}
    layers = [replace(layer, plan=plans[layer.plan.name]) for layer in layers]
    findings += _check_stripped(plans, analysis.service.functions, layers)
    with timings.stage("native"):
        if native is None:
            native = _check_native(plans, segments, analysis, edges, layers)
        findings += native
    files = PackedFiles(analysis.tree)
    with timings.stage("bundle"):
        for name, plan in plans.items():
            own = _own_segments(plan, segments)
            if name in updates:
                artifacts[name] = replace(updates[name].apply(own, analysis.tree), plan=plan)
            else:
                written = kept[name] or _write_zip(plan, own, files, output, edges)
                artifacts[name] = replace(written, plan=plan)
                findings += check_upload(artifacts[name], _zipped_size(plan, edges))
    return Written(artifacts, tuple(findings), native)


def _measured(plan: Plan, segments: Mapping[SegmentKey, Segment], edges: Edges) -> Plan:
    """The plan with what its wheels really bring where libraries are stripped; as planned it is the most they may."""
    if not any(part.selection.strip for part in plan.wheels):
        return plan
    wheels: list[WheelPart] = []
    for part in plan.wheels:
        segment = segments.get(_segment_key(part)) or find_segment(*_segment_key(part), edges.store)
        if segment is None:
            return plan
        without = sum(entry.size for entry, _ in segment.entries() if entry.name in part.without) if part.without else 0
        wheels.append(replace(part, unzipped_bytes=segment.unzipped_bytes - without))
    less = sum(part.unzipped_bytes for part in plan.wheels) - sum(part.unzipped_bytes for part in wheels)
    return replace(plan, wheels=tuple(wheels), unzipped_bytes=plan.unzipped_bytes - less)


def _check_stripped(
    plans: Mapping[str, Plan], functions: Sequence[Function], layers: Sequence[PlannedLayer]
) -> tuple[Finding, ...]:
    """What the real sizes mean of plans whose sizes were not known before. Raises SlspackError for SLS0701."""
    stripped = {name: plan for name, plan in plans.items() if plan.functions and unmeasured(plan, layers)}
    findings = check_sizes(functions, stripped, layers) if stripped else ()
    raise_errors(findings)
    return findings


def _write_zip(
    plan: Plan, segments: Mapping[DistName, Segment], files: PackedFiles, output: Path, edges: Edges
) -> Artifact:
    nested = nested_segment(plan.nested, segments, edges.store) if plan.nested else None
    return write_zip(plan, segments, files, _zip_path(plan, output), nested)


def _check_native(
    plans: Mapping[str, Plan],
    segments: Mapping[SegmentKey, Segment],
    analysis: Analysis,
    edges: Edges,
    layers: Sequence[PlannedLayer],
) -> tuple[Finding, ...]:
    """What is wrong with native code, before anything is written. Raises SlspackError where some cannot be loaded.

    An artifact that stays as it is passed when it was written: where the store no longer knows the native code of its
    wheels, that is enough.
    """
    from slspack.check import NativeArtifact, NativeFiles, NativePart, check_native

    native = NativeFiles(edges.store, analysis.tree)
    opaque = {function.name for function in analysis.service.functions if function.opaque_layers}
    found: list[NativeArtifact] = []
    for plan in plans.values():
        if plan.target is None:
            continue
        parts = [NativePart(None, native.of_plan(plan))]
        for part in plan.all_wheels:
            files = native.of_part(part, segments.get(_segment_key(part)))
            parts.append(NativePart(part.distribution, files or ()))
        for part in (
            part
            for layer in layers
            if not set(plan.functions).isdisjoint(layer.functions)
            for part in layer.plan.wheels
        ):
            files = native.of_part(part, segments.get(_segment_key(part)))
            parts.append(NativePart(part.distribution, tuple(_as_beside(file) for file in files or ())))
        unknown = not opaque.isdisjoint(plan.functions)
        whose = plan.functions or (plan.name,)
        found.append(NativeArtifact(whose, plan.target, tuple(p for p in parts if p.files), unknown))
    findings = check_native(found)
    raise_errors(findings)
    return findings


def _as_beside(file: ElfFile) -> ElfFile:
    """A file of a layer as if it stood in the artifact: the loader has both in one process."""
    return replace(file, name=ArchivePath(file.name.removeprefix(LAYER_PREFIX)))


def _zip_path(plan: Plan, output: Path) -> Path:
    return output / f"{plan.name}.zip"


class _LastBuild:
    """What earlier builds left in an output: as remembered, else as the manifest there says."""

    def __init__(self, output: Path, remembered: Mapping[str, WrittenFile]) -> None:
        self._output = output
        self._remembered = remembered
        self._records: Mapping[str, ArtifactRecord] | None = None

    def unchanged(self, plan: Plan) -> Artifact | None:
        """The zip, if it is of the same plan and nobody has touched it since."""
        destination = _zip_path(plan, self._output)
        stamp = stamp_of(destination)
        known = self._known(f"{plan.name}.zip", plan)
        if known is None or stamp is None:
            return None
        # A stamp alone is trusted: what slspack renamed into place changes its number or its times when touched.
        is_as_left = isinstance(known, WrittenFile) and known.stamp == stamp
        if not is_as_left and digest_file(destination) != known.sha256:
            return None
        return Artifact(plan, destination, Digest(known.sha256), stamp.size, cached=True)

    def _known(self, name: str, plan: Plan) -> WrittenFile | ArtifactRecord | None:
        remembered = self._remembered.get(name)
        if remembered is not None and remembered.fingerprint == plan.fingerprint:
            return remembered
        if self._records is None:
            self._records = read_records(self._output)
        record = self._records.get(name)
        return record if record is not None and record.fingerprint == plan.fingerprint else None


def segments_of(
    parts: Iterable[WheelPart], analysis: Analysis, edges: Edges, timings: Timings
) -> Mapping[SegmentKey, Segment]:
    """The segment of each of these parts; wheels are fetched only where one is missing."""
    wanted = {_segment_key(part): part.distribution for part in parts}
    with timings.stage("download"):
        segments = {key: segment for key in wanted if (segment := find_segment(*key, edges.store)) is not None}
        missing = {key: distribution for key, distribution in wanted.items() if key not in segments}
        paths = edges.wheels.fetch(missing.values()) if missing else {}
    with timings.stage("segments"):
        locks = analysis.locks.values() if paths else ()
        facts = {known.sha256: known for lock in locks for known in analysis.facts.of(lock).values()}
        for sha256, selection in missing:
            segments[sha256, selection] = segment_for(paths[sha256], facts[sha256], selection, edges.store)
    return segments


def _segment_key(part: WheelPart) -> SegmentKey:
    return part.distribution.wheel.sha256, part.selection


def _own_segments(plan: Plan, segments: Mapping[SegmentKey, Segment]) -> Mapping[DistName, Segment]:
    keys = {part.distribution.name: _segment_key(part) for part in plan.all_wheels}
    return {name: segments[key] for name, key in keys.items() if key in segments}


def _zipped_size(plan: Plan, edges: Edges) -> Callable[[DistName], int]:
    keys = {part.distribution.name: _segment_key(part) for part in plan.all_wheels}

    def size(name: DistName) -> int:
        segment = find_segment(*keys[name], edges.store)
        return segment.zipped_bytes if segment else 0

    return size

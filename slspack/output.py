"""From plans to written artifacts: wheels fetched, segments made, files put in place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.analysis import raise_errors
from slspack.bundle import PackedFiles, find_segment, segment_for, write_zip
from slspack.check import check_unzipped, check_upload
from slspack.frozen import dataclass
from slspack.keys import digest_file
from slspack.memory import WrittenFile
from slspack.model import Artifact, ArtifactFormat, Check, Digest
from slspack.report import read_records
from slspack.stamps import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from pathlib import Path

    from slspack.analysis import Analysis
    from slspack.bundle import DirectoryUpdate, Segment
    from slspack.edges import Edges
    from slspack.memory import Recall
    from slspack.model import DistName, Finding, Plan, Selection, WheelPart
    from slspack.progress import Timings
    from slspack.report import ArtifactRecord

    SegmentKey = tuple[Digest, Selection]


IMAGE_SUFFIX = ".image.json"
"""Of the file that says which image an artifact is."""


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
) -> Written:
    """Write each artifact whose plan changed since the last build into `output`, and keep the others as they are.

    `remembered` are the files that a build left there, by name; where they are of other plans, its manifest counts.
    `check` says how closely folders are looked at; `recall` is what is known of the build before.
    """
    last = _LastBuild(output, remembered)
    images = {f.name: f for f in analysis.service.functions if f.image and form is ArtifactFormat.ZIP}
    artifacts: dict[str, Artifact] = {}
    findings: list[Finding] = []
    kept: dict[str, Artifact | None] = {}
    updates: dict[str, DirectoryUpdate] = {}
    parts: list[WheelPart] = []
    for name, plan in plans.items():
        if form is ArtifactFormat.ZIP:
            kept[name] = last.unchanged(plan, _place(plan, output, images))
            parts += plan.wheels if kept[name] is None else ()
        else:
            from slspack.bundle import prepare_directory

            updates[name] = prepare_directory(plan, output / plan.name, check)
            parts += updates[name].wheels
    segments = segments_of(parts, analysis, edges, timings)
    native = recall.native(analysis.service, plans) if recall else None
    plans = {name: _measured(plan, segments, edges) for name, plan in plans.items()}
    findings += _check_stripped([plan for plan in plans.values() if plan.functions[0] not in images])
    with timings.stage("native"):
        if native is None:
            native = _check_native(plans, segments, analysis, edges)
        findings += native
    files = PackedFiles(analysis.tree)
    with timings.stage("bundle"):
        for name, plan in plans.items():
            own = _own_segments(plan, segments)
            if name in updates:
                artifacts[name] = replace(updates[name].apply(own, analysis.tree), plan=plan)
            elif plan.functions[0] in images:
                place = _place(plan, output, images)
                written = kept[name] or edges.images.write(plan, images[name], own, analysis.tree, place)
                artifacts[name] = replace(written, plan=plan)
            else:
                written = kept[name] or write_zip(plan, own, files, _place(plan, output, images))
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


def _check_stripped(plans: Iterable[Plan]) -> tuple[Finding, ...]:
    """What the real sizes mean of plans whose sizes were not known before. Raises SlspackError for SLS0701."""
    stripped = [plan for plan in plans if any(part.selection.strip for part in plan.wheels)]
    findings = tuple(finding for plan in stripped for finding in check_unzipped(plan))
    raise_errors(findings)
    return findings


def _check_native(
    plans: Mapping[str, Plan], segments: Mapping[SegmentKey, Segment], analysis: Analysis, edges: Edges
) -> tuple[Finding, ...]:
    """What is wrong with native code, before anything is written. Raises SlspackError where some cannot be loaded.

    An artifact that stays as it is passed when it was written: where the store no longer knows the native code of its
    wheels, that is enough.
    """
    from slspack.check import NativeArtifact, NativeFiles, NativePart, check_native

    native = NativeFiles(edges.store, analysis.tree)
    opaque = {f.name for f in analysis.service.functions if f.opaque_layers or (f.image and f.image.base)}
    found: list[NativeArtifact] = []
    for plan in plans.values():
        parts = [NativePart(None, native.of_plan(plan))]
        for part in plan.wheels:
            files = native.of_part(part, segments.get(_segment_key(part)))
            parts.append(NativePart(part.distribution, files or ()))
        layers = not opaque.isdisjoint(plan.functions)
        found.append(NativeArtifact(plan.functions, plan.target, tuple(p for p in parts if p.files), layers))
    findings = check_native(found)
    raise_errors(findings)
    return findings


def _place(plan: Plan, output: Path, images: Container[str]) -> Path:
    return output / f"{plan.name}{IMAGE_SUFFIX if plan.functions[0] in images else '.zip'}"


class _LastBuild:
    """What earlier builds left in an output: as remembered, else as the manifest there says."""

    def __init__(self, output: Path, remembered: Mapping[str, WrittenFile]) -> None:
        self._output = output
        self._remembered = remembered
        self._records: Mapping[str, ArtifactRecord] | None = None

    def unchanged(self, plan: Plan, destination: Path) -> Artifact | None:
        """The artifact, if it is of the same plan and nobody has touched it since."""
        stamp = stamp_of(destination)
        known = self._known(destination.name, plan)
        if known is None or stamp is None:
            return None
        # A stamp alone is trusted: what slspack renamed into place changes its number or its times when touched.
        is_as_left = isinstance(known, WrittenFile) and known.stamp == stamp
        if not is_as_left and digest_file(destination) != known.sha256:
            return None
        artifact = Artifact(plan, destination, Digest(known.sha256), stamp.size, cached=True)
        if not destination.name.endswith(IMAGE_SUFFIX):
            return artifact
        from slspack.container import read_image

        image = read_image(destination)
        return replace(artifact, image=image, bytes=sum(layer.bytes for layer in image.layers))

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
    keys = {part.distribution.name: _segment_key(part) for part in plan.wheels}
    return {name: segments[key] for name, key in keys.items() if key in segments}


def _zipped_size(plan: Plan, edges: Edges) -> Callable[[DistName], int]:
    keys = {part.distribution.name: _segment_key(part) for part in plan.wheels}

    def size(name: DistName) -> int:
        segment = find_segment(*keys[name], edges.store)
        return segment.zipped_bytes if segment else 0

    return size

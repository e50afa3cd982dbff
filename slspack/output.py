"""From plans to written artifacts: wheels fetched, segments made, files put in place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from slspack.analysis import raise_errors
from slspack.bundle import NO_TRANSFORMS, PackedFiles, find_segment, segment_for, write_zip
from slspack.frozen import dataclass
from slspack.keys import digest_file
from slspack.memory import WrittenFile
from slspack.model import Artifact, ArtifactFormat, Check, Digest
from slspack.plugins import static_host
from slspack.report import read_records
from slspack.stamps import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from pathlib import Path

    from slspack.analysis import Analysis
    from slspack.bundle import DirectoryUpdate, Segment, Transforms
    from slspack.edges import Edges
    from slspack.memory import Recall
    from slspack.model import DistName, Finding, LockedDistribution, Plan, Selection, WheelPart
    from slspack.plugins import Host
    from slspack.progress import Timings
    from slspack.report import ArtifactRecord

_Made: TypeAlias = tuple[Digest, "Selection", str]
"""What a segment is made of: a wheel by its hash, what is taken of it, and the key of what is done to its files."""


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
    host: Host | None = None,
) -> Written:
    """Write each artifact whose plan changed since the last build into `output`, and keep the others as they are.

    `remembered` are the files that a build left there, by name; where they are of other plans, its manifest counts.
    `check` says how closely folders are looked at; `recall` is what is known of the build before.
    """
    host = host or static_host()
    last = _LastBuild(output, remembered)
    images = {f.name: f for f in analysis.service.functions if f.image and form is ArtifactFormat.ZIP}
    artifacts: dict[str, Artifact] = {}
    findings: list[Finding] = []
    kept: dict[str, Artifact | None] = {}
    updates: dict[str, DirectoryUpdate] = {}
    parts: list[tuple[Plan, WheelPart]] = []
    for name, plan in plans.items():
        if form is ArtifactFormat.ZIP:
            kept[name] = last.unchanged(plan, _place(plan, output, images))
            parts += ((plan, part) for part in (plan.wheels if kept[name] is None else ()))
        else:
            from slspack.bundle import prepare_directory

            updates[name] = prepare_directory(plan, output / plan.name, check)
            parts += ((plan, part) for part in updates[name].wheels)
    segments = segments_of(parts, analysis, edges, timings, host)
    native = recall.native(analysis.service, plans) if recall else None
    measured = {name: _measured(plan, segments, edges) for name, plan in plans.items()}
    uncertain = [one for name, one in measured.items() if not plans[name].is_measured]
    findings += _check_measured([one for one in uncertain if one.functions[0] not in images], host)
    plans = measured
    with timings.stage("native"):
        if native is None:
            native = _check_native(plans, segments, analysis, edges, host)
        findings += native
    files = PackedFiles(analysis.tree)
    with timings.stage("bundle"):
        for name, plan in plans.items():
            own = _own_segments(plan, segments)
            if name in updates:
                artifact = replace(updates[name].apply(own, analysis.tree), plan=plan)
            else:
                place = _place(plan, output, images)
                written = kept[name] or (
                    edges.images.write(plan, images[name], own, analysis.tree, place)
                    if name in images
                    else write_zip(plan, own, files, place)
                )
                artifact = replace(written, plan=plan)
            artifacts[name] = artifact if artifact.cached else host.finish_artifact(artifact)
            if name not in images:
                findings += host.check_artifact(artifacts[name], _zipped_size(plan, edges))
    raise_errors(findings)
    return Written(artifacts, tuple(findings), native)


def _measured(plan: Plan, segments: Mapping[_Made, Segment], edges: Edges) -> Plan:
    """The plan with what its wheels really bring where some are stripped or transformed: no plan can know that."""
    if plan.is_measured:
        return plan
    wheels = tuple(_measured_part(part, segments.get(_made(part)) or _find(_made(part), edges)) for part in plan.wheels)
    less = sum(part.unzipped_bytes for part in plan.wheels) - sum(part.unzipped_bytes for part in wheels)
    return replace(plan, wheels=wheels, unzipped_bytes=plan.unzipped_bytes - less)


def _measured_part(part: WheelPart, segment: Segment | None) -> WheelPart:
    if part.is_measured or segment is None:
        return part
    without = frozenset(part.without)
    sizes = [entry.size for entry, _ in segment.entries() if entry.name not in without]
    return replace(part, entries=len(sizes), unzipped_bytes=sum(sizes))


def _check_measured(plans: Iterable[Plan], host: Host) -> tuple[Finding, ...]:
    """What the real sizes mean of plans whose sizes were not known before. Raises SlspackError for SLS0701."""
    findings = tuple(finding for plan in plans for finding in host.check_plan(plan))
    raise_errors(findings)
    return findings


def _check_native(
    plans: Mapping[str, Plan], segments: Mapping[_Made, Segment], analysis: Analysis, edges: Edges, host: Host
) -> tuple[Finding, ...]:
    """What is wrong with native code, before anything is written. Raises SlspackError where some cannot be loaded.

    An artifact that stays as it is passed when it was written: where the store no longer knows the native code of its
    wheels, that is enough.
    """
    from slspack.check import NativeArtifact, NativeFiles, NativePart

    native = NativeFiles(edges.store, analysis.tree)
    opaque = {f.name for f in analysis.service.functions if f.opaque_layers or (f.image and f.image.base)}
    found: list[NativeArtifact] = []
    for plan in plans.values():
        parts = [NativePart(None, native.of_plan(plan))]
        for part in plan.wheels:
            files = native.of_part(part, segments.get(_made(part)))
            parts.append(NativePart(part.distribution, files or ()))
        layers = not opaque.isdisjoint(plan.functions)
        ignored = tuple(one for f in analysis.service.functions if f.name in plan.functions for one in f.native_ignore)
        found.append(NativeArtifact(plan.functions, plan.target, tuple(p for p in parts if p.files), layers, ignored))
    findings = host.check_native(tuple(found))
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
    parts: Iterable[tuple[Plan, WheelPart]], analysis: Analysis, edges: Edges, timings: Timings, host: Host
) -> Mapping[_Made, Segment]:
    """The segment of each of these parts, by what it is made of; wheels are fetched only where one is missing."""
    wanted = {_made(part): (plan, part.distribution) for plan, part in parts}
    with timings.stage("download"):
        segments = {made: segment for made in wanted if (segment := _find(made, edges))}
        missing = {made: of for made, of in wanted.items() if made not in segments}
        paths = edges.wheels.fetch([distribution for _, distribution in missing.values()]) if missing else {}
    with timings.stage("segments"):
        locks = analysis.locks.values() if paths else ()
        facts = {known.sha256: known for lock in locks for known in analysis.facts.of(lock).values()}
        for made, (plan, distribution) in missing.items():
            transforms = _transforms(plan, distribution, analysis, host) if made[2] else NO_TRANSFORMS
            segments[made] = segment_for(paths[made[0]], facts[made[0]], made[1], edges.store, transforms)
    return segments


def _find(made: _Made, edges: Edges) -> Segment | None:
    sha256, selection, transform = made
    return find_segment(sha256, selection, edges.store, transform)


def _made(part: WheelPart) -> _Made:
    return part.distribution.wheel.sha256, part.selection, part.transform


def _transforms(plan: Plan, distribution: LockedDistribution, analysis: Analysis, host: Host) -> Transforms:
    """What was planned to be done to a wheel: the plan has but the key of it, which may be of an earlier build."""
    from slspack.bundle import Transforms

    functions = [function for function in analysis.service.functions if function.name in plan.functions]
    return Transforms.of(host.transform_wheel(analysis.draft(plan.name, functions), distribution))


def _own_segments(plan: Plan, segments: Mapping[_Made, Segment]) -> Mapping[DistName, Segment]:
    wheels = {part.distribution.name: _made(part) for part in plan.wheels}
    return {name: segments[made] for name, made in wheels.items() if made in segments}


def _zipped_size(plan: Plan, edges: Edges) -> Callable[[DistName], int]:
    made = {part.distribution.name: _made(part) for part in plan.wheels}

    def size(name: DistName) -> int:
        segment = _find(made[name], edges)
        return segment.zipped_bytes if segment else 0

    return size

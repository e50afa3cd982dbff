"""Segments of wheels: looked for in the store, or made of wheels, which are fetched only where one is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from slspack.bundle import NO_TRANSFORMS, find_segment, segment_for
from slspack.cores import on_all_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from slspack.analysis import Analysis
    from slspack.bundle import Segment, Transforms
    from slspack.edges import Edges
    from slspack.model import ArtifactDraft, Digest, DistName, LockedDistribution, Plan, Selection, WheelPart
    from slspack.plugins import Host
    from slspack.progress import Timings

    Made: TypeAlias = tuple[Digest, Selection, str]
    """What a segment is made of: a wheel by its hash, what is taken of it, and the key of what is done to its files."""
    Segments: TypeAlias = Mapping[Made, Segment]
    Wanted: TypeAlias = tuple[WheelPart, Callable[[], ArtifactDraft]]
    """A part of an artifact, and what plugins that transform it are told of the artifact."""


def segments_of(
    wanted: Iterable[Wanted], analysis: Analysis, edges: Edges, timings: Timings, host: Host
) -> dict[Made, Segment]:
    """The segment of each of these parts, by what it is made of. Raises as `segment_for` and the wheels' client do."""
    parts = {made_of(part): (part.distribution, draft) for part, draft in wanted}
    with timings.stage("download"):
        segments = {made: segment for made in parts if (segment := find(made, edges))}
        missing = {made: of for made, of in parts.items() if made not in segments}
        paths = edges.wheels.fetch([distribution for distribution, _ in missing.values()]) if missing else {}
    with timings.stage("segments"):
        locks = analysis.all_locks if paths else ()
        facts = {known.sha256: known for lock in locks for known in analysis.facts.of(lock).values()}

        def make(made: Made, transforms: Transforms = NO_TRANSFORMS) -> Segment:
            return segment_for(paths[made[0]], facts[made[0]], made[1], edges.store, transforms)

        plain = [made for made in missing if not made[2]]
        segments.update(zip(plain, on_all_cores(make, plain), strict=True))
        for made, (distribution, draft) in missing.items():
            if made[2]:  # plugins know of one thread only
                segments[made] = make(made, _transforms(distribution, draft(), host))
    return segments


def own_segments(parts: Sequence[WheelPart], segments: Segments) -> Mapping[DistName, Segment]:
    """Those of one artifact's parts, by distribution, as far as they are at hand."""
    made = {part.distribution.name: made_of(part) for part in parts}
    return {name: segments[one] for name, one in made.items() if one in segments}


def made_of(part: WheelPart) -> Made:
    """What a part's segment is made of."""
    return part.distribution.wheel.sha256, part.selection, part.transform


def find(made: Made, edges: Edges) -> Segment | None:
    """A segment in the store."""
    sha256, selection, transform = made
    return find_segment(sha256, selection, edges.store, transform)


def measured(plan: Plan, segments: Segments, edges: Edges) -> Plan:
    """The plan with what its wheels really bring where some are stripped or transformed: no plan can know that."""
    if plan.is_measured:
        return plan
    wheels, nested = (tuple(_measured(part, segments, edges) for part in each) for each in (plan.wheels, plan.nested))
    less = sum(part.unzipped_bytes for part in plan.wheels) - sum(part.unzipped_bytes for part in wheels)
    return replace(plan, wheels=wheels, nested=nested, unzipped_bytes=plan.unzipped_bytes - less)


def _measured(part: WheelPart, segments: Segments, edges: Edges) -> WheelPart:
    made = made_of(part)
    segment = None if part.is_measured else segments.get(made) or find(made, edges)
    if segment is None:
        return part
    without = frozenset(part.without)
    sizes = [entry.size for entry, _ in segment.entries() if entry.name not in without]
    return replace(part, entries=len(sizes), unzipped_bytes=sum(sizes))


def _transforms(distribution: LockedDistribution, draft: ArtifactDraft, host: Host) -> Transforms:
    """What was planned to be done to a wheel: the plan has but the key of it, which may be of an earlier build."""
    from slspack.bundle import Transforms

    return Transforms.of(host.transform_wheel(draft, distribution))

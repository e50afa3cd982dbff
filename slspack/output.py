"""From plans to written artifacts: wheels fetched, segments made, files put in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slspack.bundle import find_segment, segment_for, write_directory, write_zip
from slspack.check import check_upload
from slspack.keys import digest_file
from slspack.memory import WrittenFile
from slspack.model import Artifact, ArtifactFormat, Digest
from slspack.report import read_records
from slspack.stamps import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from slspack.analysis import Analysis
    from slspack.bundle import Segment
    from slspack.edges import Edges
    from slspack.model import DistName, Finding, Plan
    from slspack.progress import Timings
    from slspack.report import ArtifactRecord


@dataclass(frozen=True, slots=True)
class Written:
    """The artifacts of a build, by name, and what their sizes mean."""

    artifacts: Mapping[str, Artifact]
    findings: tuple[Finding, ...]


def write_artifacts(
    plans: Mapping[str, Plan],
    analysis: Analysis,
    output: Path,
    form: ArtifactFormat,
    edges: Edges,
    timings: Timings,
    remembered: Mapping[str, WrittenFile],
) -> Written:
    """Write each artifact whose plan changed since the last build into `output`, and keep the others as they are.

    `remembered` are the files that the last build left there, by name; where there are none, its manifest counts.
    """
    records = read_records(output) if not remembered else {}
    artifacts: dict[str, Artifact] = {}
    findings: list[Finding] = []
    kept = {name: _unchanged(plan, output, form, remembered, records) for name, plan in plans.items()}
    segments = segments_of([plan for name, plan in plans.items() if kept[name] is None], analysis, edges, timings)
    with timings.stage("bundle"):
        for name, plan in plans.items():
            artifact = kept[name] or _write(plan, output, form, segments, analysis)
            artifacts[name] = artifact
            if form is ArtifactFormat.ZIP:
                findings += check_upload(artifact, _zipped_size(plan, edges))
    return Written(artifacts, tuple(findings))


def _destination(plan: Plan, output: Path, form: ArtifactFormat) -> Path:
    return output / (f"{plan.name}.zip" if form is ArtifactFormat.ZIP else plan.name)


def _unchanged(
    plan: Plan,
    output: Path,
    form: ArtifactFormat,
    remembered: Mapping[str, WrittenFile],
    records: Mapping[str, ArtifactRecord],
) -> Artifact | None:
    """The artifact of the last build, if it is of the same plan and nobody has touched it since."""
    destination = _destination(plan, output, form)
    known = remembered.get(destination.name) or records.get(destination.name)
    stamp = stamp_of(destination)
    if form is not ArtifactFormat.ZIP or known is None or known.fingerprint != plan.fingerprint or stamp is None:
        return None
    # A stamp alone is trusted: what slspack renamed into place changes its number, or its times, when others touch it.
    if not (isinstance(known, WrittenFile) and known.stamp == stamp) and digest_file(destination) != known.sha256:
        return None
    return Artifact(plan, destination, Digest(known.sha256), stamp.size, cached=True)


def segments_of(plans: Sequence[Plan], analysis: Analysis, edges: Edges, timings: Timings) -> Mapping[Digest, Segment]:
    """The segment of every wheel of these plans, by the wheel's hash; wheels are fetched only where one is missing."""
    wanted = {part.distribution.wheel.sha256: part.distribution for plan in plans for part in plan.wheels}
    with timings.stage("download"):
        segments = {sha256: segment for sha256 in wanted if (segment := find_segment(sha256, edges.store)) is not None}
        missing = [distribution for sha256, distribution in wanted.items() if sha256 not in segments]
        paths = edges.wheels.fetch(missing)
    with timings.stage("segments"):
        locks = analysis.locks.values() if paths else ()
        facts = {known.sha256: known for lock in locks for known in analysis.facts.of(lock).values()}
        for sha256, path in paths.items():
            segments[sha256] = segment_for(path, facts[sha256], edges.store)
    return segments


def _write(
    plan: Plan, output: Path, form: ArtifactFormat, segments: Mapping[Digest, Segment], analysis: Analysis
) -> Artifact:
    own: dict[DistName, Segment] = {
        part.distribution.name: segments[part.distribution.wheel.sha256] for part in plan.wheels
    }
    write = write_zip if form is ArtifactFormat.ZIP else write_directory
    return write(plan, own, analysis.tree, _destination(plan, output, form))


def _zipped_size(plan: Plan, edges: Edges) -> Callable[[DistName], int]:
    hashes = {part.distribution.name: part.distribution.wheel.sha256 for part in plan.wheels}

    def size(name: DistName) -> int:
        segment = find_segment(hashes[name], edges.store)
        return segment.zipped_bytes if segment else 0

    return size

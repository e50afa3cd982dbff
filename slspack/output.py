"""From plans to written artifacts: wheels fetched, segments made, files put in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slspack.bundle import find_segment, prepare_directory, segment_for, write_zip
from slspack.check import check_upload
from slspack.keys import digest_file
from slspack.memory import WrittenFile
from slspack.model import Artifact, ArtifactFormat, Check, Digest
from slspack.report import read_records
from slspack.stamps import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from slspack.analysis import Analysis
    from slspack.bundle import DirectoryUpdate, Segment
    from slspack.edges import Edges
    from slspack.model import DistName, Finding, Plan, WheelPart
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
    check: Check = Check.FILES,
) -> Written:
    """Write each artifact whose plan changed since the last build into `output`, and keep the others as they are.

    `remembered` are the files that a build left there, by name; where they are of other plans, its manifest counts.
    `check` says how closely folders are looked at.
    """
    last = _LastBuild(output, remembered)
    artifacts: dict[str, Artifact] = {}
    findings: list[Finding] = []
    kept: dict[str, Artifact | None] = {}
    updates: dict[str, DirectoryUpdate] = {}
    parts: list[WheelPart] = []
    for name, plan in plans.items():
        if form is ArtifactFormat.ZIP:
            kept[name] = last.unchanged(plan)
            parts += plan.wheels if kept[name] is None else ()
        else:
            updates[name] = prepare_directory(plan, output / plan.name, check)
            parts += updates[name].wheels
    segments = segments_of(parts, analysis, edges, timings)
    with timings.stage("bundle"):
        for name, plan in plans.items():
            own = _own_segments(plan, segments)
            if name in updates:
                artifacts[name] = updates[name].apply(own, analysis.tree)
            else:
                artifacts[name] = kept[name] or write_zip(plan, own, analysis.tree, _zip_path(plan, output))
                findings += check_upload(artifacts[name], _zipped_size(plan, edges))
    return Written(artifacts, tuple(findings))


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
        known = self._known(destination.name, plan)
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
) -> Mapping[Digest, Segment]:
    """The segment of every wheel of these parts, by the wheel's hash; wheels are fetched only where one is missing."""
    wanted = {part.distribution.wheel.sha256: part.distribution for part in parts}
    with timings.stage("download"):
        segments = {sha256: segment for sha256 in wanted if (segment := find_segment(sha256, edges.store)) is not None}
        missing = [distribution for sha256, distribution in wanted.items() if sha256 not in segments]
        paths = edges.wheels.fetch(missing) if missing else {}
    with timings.stage("segments"):
        locks = analysis.locks.values() if paths else ()
        facts = {known.sha256: known for lock in locks for known in analysis.facts.of(lock).values()}
        for sha256, path in paths.items():
            segments[sha256] = segment_for(path, facts[sha256], edges.store)
    return segments


def _own_segments(plan: Plan, segments: Mapping[Digest, Segment]) -> Mapping[DistName, Segment]:
    wheels = {part.distribution.name: part.distribution.wheel.sha256 for part in plan.wheels}
    return {name: segments[sha256] for name, sha256 in wheels.items() if sha256 in segments}


def _zipped_size(plan: Plan, edges: Edges) -> Callable[[DistName], int]:
    hashes = {part.distribution.name: part.distribution.wheel.sha256 for part in plan.wheels}

    def size(name: DistName) -> int:
        segment = find_segment(hashes[name], edges.store)
        return segment.zipped_bytes if segment else 0

    return size

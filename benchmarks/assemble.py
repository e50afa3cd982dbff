"""Writing artifacts from the store beside `cp` of the same bytes and `zipfile` over the unpacked tree.

    python -m benchmarks.assemble [SERVICE [ROUNDS]]

plans the artifacts of a service (examples/orders), fills the store, and prints the median of ROUNDS (15) of each, and
the ratios.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.bundle.zipwriter import PackedFiles, write_zip
from slspack.keys import digest_file
from slspack.options import LoadOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from slspack.bundle.segments import Segment
    from slspack.model import DistName, Plan
    from slspack.tree import ServiceTree

ORDERS = Path(__file__).parents[1] / "examples" / "orders"


@dataclass(frozen=True, slots=True)
class Assembly:
    """A plan whose segments are all in the store."""

    plan: Plan
    segments: Mapping[DistName, Segment]
    tree: ServiceTree


def measure(assemblies: Sequence[Assembly], work: Path, rounds: int) -> None:
    """Print the times for writing all of the artifacts, and how they compare."""
    artifacts = [work / f"{assembly.plan.name}.zip" for assembly in assemblies]

    def write() -> None:
        for assembly, artifact in zip(assemblies, artifacts, strict=True):
            write_zip(assembly.plan, assembly.segments, PackedFiles(assembly.tree), artifact)

    write()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    copies = work / "copies"
    copies.mkdir()
    copying, writing, hashing = _medians(
        rounds,
        lambda: _run("cp", *map(str, artifacts), str(copies)),
        write,
        lambda: [digest_file(artifact) for artifact in artifacts],
    )
    zipping = _zipfile_seconds(artifacts, work)
    size = sum(artifact.stat().st_size for artifact in artifacts)
    files = sum(segment.count for assembly in assemblies for segment in assembly.segments.values())
    files += sum(len(assembly.plan.entries) for assembly in assemblies)
    print(f"{len(artifacts)} artifacts, {files:,} files, {size / 1e6:.1f} MB zipped; peak memory {peak} MB")
    print(f"cp of the artifacts            {copying:8.3f} s")
    print(f"sha256 of the artifacts, alone {hashing:8.3f} s   {hashing / copying:6.1f} x cp")
    print(f"slspack, with sha256           {writing:8.3f} s   {writing / copying:6.1f} x cp")
    print(f"zipfile, deflate, no sha256    {zipping:8.3f} s   {zipping / writing:6.1f} x slspack")


def _medians(rounds: int, *actions: Callable[[], object]) -> list[float]:
    """The median of several runs of each; the runs take turns, so that a busy machine is unfair to none."""
    seconds: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for action, of_action in zip(actions, seconds, strict=True):
            start = time.perf_counter()
            action()
            of_action.append(time.perf_counter() - start)
    return [statistics.median(of_action) for of_action in seconds]


def _zipfile_seconds(artifacts: Sequence[Path], work: Path) -> float:
    trees = [work / "trees" / artifact.stem for artifact in artifacts]
    for artifact, tree in zip(artifacts, trees, strict=True):
        with zipfile.ZipFile(artifact) as archive:
            archive.extractall(tree)
    start = time.perf_counter()
    for tree in trees:
        with zipfile.ZipFile(work / f"{tree.name}.zipfile.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(tree.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(tree))
    return time.perf_counter() - start


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def assemblies_of(folder: Path) -> list[Assembly]:
    """The artifacts of a service, planned, with all segments in the store."""
    from slspack.output import Order, all_segments
    from slspack.pipeline import plan_artifacts
    from slspack.progress import Silence, Timings
    from slspack.request import BuildRequest

    timings = Timings(Silence())
    request = BuildRequest(folder.absolute(), LoadOptions(environment=dict(os.environ), individually=True))
    planned = plan_artifacts(request, timings)
    order = Order(planned.plans, request.output, request.format)
    segments = all_segments(order, planned.analysis, planned.edges, timings, planned.begun.host)
    return [
        Assembly(
            plan,
            {
                part.distribution.name: segments[part.distribution.wheel.sha256, part.selection, part.transform]
                for part in plan.wheels
            },
            planned.analysis.tree,
        )
        for plan in planned.plans.values()
    ]


def main(arguments: Sequence[str]) -> None:
    """Measure the artifacts of a service."""
    folder = Path(arguments[0]) if arguments else ORDERS
    rounds = int(arguments[1]) if len(arguments) > 1 else 15
    with tempfile.TemporaryDirectory(prefix="slspack-assemble-") as work:
        service = Path(work) / "service"
        shutil.copytree(folder, service, ignore=shutil.ignore_patterns(".slspack"))
        measure(assemblies_of(service), Path(work), rounds)


if __name__ == "__main__":
    main(sys.argv[1:])

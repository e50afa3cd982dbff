"""Writing artifacts from the store beside `cp` of the same bytes and `zipfile` over the unpacked tree.

    python -m benchmarks.assemble FOLDER_OF_WHEELS [ROUNDS]

makes one artifact of all wheels in the folder and prints the median of ROUNDS (15) of each, and the ratios.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.bundle.segments import find_segment, segment_for
from slspack.bundle.zipwriter import write_zip
from slspack.keys import digest_file
from slspack.store import Store
from slspack.tree import ServiceTree
from tests.support.bundles import facts_of, part_of, plan_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from slspack.bundle.segments import Segment
    from slspack.model import DistName, Plan


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
            write_zip(assembly.plan, assembly.segments, assembly.tree, artifact)

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


def _of_wheels(folder: Path, store: Store) -> Assembly:
    facts = {wheel: facts_of(wheel) for wheel in sorted(folder.glob("*.whl"))}
    start = time.perf_counter()
    for wheel, of_wheel in facts.items():
        segment_for(wheel, of_wheel, store)
    made = time.perf_counter()
    segments = {of.name: segment for of in facts.values() if (segment := find_segment(of.sha256, store)) is not None}
    loaded = time.perf_counter()
    print(f"segments of {len(facts)} wheels: made in {made - start:.3f} s, found again in {loaded - made:.4f} s")
    return Assembly(plan_of(wheels=[part_of(of) for of in facts.values()]), segments, ServiceTree(folder))


def main(arguments: Sequence[str]) -> None:
    """Measure an artifact of the wheels in a folder."""
    folder = Path(arguments[0])
    rounds = int(arguments[1]) if len(arguments) > 1 else 15
    with tempfile.TemporaryDirectory(prefix="slspack-assemble-", dir=folder.parent) as work:
        measure([_of_wheels(folder, Store(Path(work) / "store"))], Path(work), rounds)


if __name__ == "__main__":
    main(sys.argv[1:])

"""The folder of a plan (`--format dir`): the files that its zip would hold, kept current file by file.

A reader finds every file whole at every moment. New content is made beside the tree, all of it before anything moves.
Then come the additions (a new folder as one), the changes, and last what goes away, so that a module is there before
another imports it, and until nothing does. What did not change is not touched.
"""

from __future__ import annotations

import secrets
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from slspack.bundle.output import reported
from slspack.bundle.placing import discard, is_folder
from slspack.bundle.treechange import TreeChange, make_file
from slspack.bundle.treefiles import own_file, part_files, part_key
from slspack.bundle.treerecord import TreeRecord
from slspack.bundle.treesight import Sight, look
from slspack.frozen import dataclass
from slspack.model import Artifact, Check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.bundle.segments import Segment
    from slspack.bundle.treefiles import TreeFile
    from slspack.bundle.treerecord import Files
    from slspack.model import DistName, Plan, WheelPart
    from slspack.tree import ServiceTree

_ABANDONED = 3600
"""So many seconds after its last change, a folder of unfinished work is that of a process that was killed."""


def write_directory(
    plan: Plan,
    segments: Mapping[DistName, Segment],
    tree: ServiceTree,
    destination: Path,
    check: Check = Check.FILES,
) -> Artifact:
    """Bring the folder `destination` to hold the files of `plan`, and nothing else.

    `segments` has the segment of each of the plan's wheels. Raises as `DirectoryUpdate.apply` does.
    """
    return prepare_directory(plan, destination, check).apply(segments, tree)


def prepare_directory(plan: Plan, destination: Path, check: Check) -> DirectoryUpdate:
    """Find out what has to be done, without doing it."""
    place = destination.with_name(f".{destination.name}.tree")
    record = TreeRecord.read(place)
    if is_folder(destination) and record.folders:
        try:
            return DirectoryUpdate(plan, destination, record, look(destination, record, check))
        except (OSError, ValueError):
            pass
    # Not known: it is made anew, and takes the place of whatever is there.
    return DirectoryUpdate(plan, destination, TreeRecord(place, second=record.second), Sight())


@dataclass(frozen=True, slots=True)
class DirectoryUpdate:
    """What has to be done to a folder."""

    plan: Plan
    destination: Path
    record: TreeRecord
    sight: Sight

    @property
    def unchanged(self) -> bool:
        """Whether the folder holds what it has to, and nothing else."""
        return bool(self.record.folders) and self.sight.clean and self.record.fingerprint == self.plan.fingerprint

    @property
    def wheels(self) -> tuple[WheelPart, ...]:
        """The parts of which files have to be written: only their segments are needed."""
        if self.unchanged:
            return ()
        return tuple(part for part in self.plan.wheels if self._must_write(part_key(part)))

    def apply(self, segments: Mapping[DistName, Segment], tree: ServiceTree) -> Artifact:
        """Do it. The tree is still as it was where this raises SLS0604, because a first-party file is no longer what
        was planned; where the system cannot write (SLS0603), every file is either the old or the new one.
        """
        artifact = Artifact(self.plan, self.destination.absolute(), None, 0, cached=self.unchanged)
        if not artifact.cached:
            with reported(self.destination, self.plan.unzipped_bytes), ExitStack() as stack:
                self._apply(self._wanted(segments, tree, stack))
        return artifact

    def _must_write(self, key: str) -> bool:
        altered = self.sight.altered
        return key not in self.record.parts or bool(altered and not altered.isdisjoint(self.record.part(key)))

    def _wanted(
        self, segments: Mapping[DistName, Segment], tree: ServiceTree, stack: ExitStack
    ) -> dict[str, dict[str, TreeFile]]:
        """The files of every source that may have changed: a part's by its key, the plan's own by ``."""
        wanted = {"": {str(entry.name): own_file(entry, tree) for entry in self.plan.entries}}
        for part in self.wheels:
            segment = segments[part.distribution.name]
            source = stack.enter_context(segment.path.open("rb", buffering=0))
            wanted[part_key(part)] = dict(part_files(part, segment, source))
        return wanted

    def _apply(self, wanted: Mapping[str, Mapping[str, TreeFile]]) -> None:
        record, sight = self.record, self.sight
        second = max(int(time.time()), record.second + 1, sight.latest + 1)
        old = dict(record.own)
        keys = {part_key(part): part.distribution.name for part in self.plan.wheels}
        for key in [*record.parts]:
            if key not in keys or key in wanted:
                old |= record.part(key)
        record.place.mkdir(parents=True, exist_ok=True)
        staging = record.place / f"new-{secrets.token_hex(6)}"
        change = TreeChange(self.destination, staging, record, sight, old)
        try:
            for files in wanted.values():
                for name, file in files.items():
                    if not change.keeps(name, file):
                        change.stage(name, make_file(staging / "tree" / name, file, second))
            written: dict[str, Files] = {
                key: {name: change.written(name) for name in files} for key, files in wanted.items()
            }
            change.carry_out({name for files in wanted.values() for name in files}, keys)
        finally:
            discard(staging)
        self._note(written, keys, second)

    def _note(self, written: Mapping[str, Files], keys: Mapping[str, str], second: int) -> None:
        record = self.record
        record.fingerprint, record.second = self.plan.fingerprint, second
        record.own = written[""]
        for key in [*record.parts]:
            if key not in keys:
                del record.parts[key]
        for key, files in written.items():
            if key:
                record.add_part(key, keys[key], files)
        record.write()
        for path in record.place.glob("new-*"):
            if time.time() - path.stat().st_mtime > _ABANDONED:
                discard(path)

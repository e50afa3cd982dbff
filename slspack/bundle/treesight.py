"""Comparing a tree on disk with the record of what was written into it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slspack.model import Check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from slspack.bundle.treerecord import TreeRecord, Written

BYTE_CODE = "__pycache__"


@dataclass(slots=True)
class Sight:
    """How a tree differs from its record."""

    lost: set[str] = field(default_factory=set)
    """Folders that are not there, or are no longer folders."""
    altered: set[str] = field(default_factory=set)
    """Files that are not there, or are not as they were written."""
    strays: list[str] = field(default_factory=list)
    """What somebody else put there."""
    folders: dict[str, int] = field(default_factory=dict)
    """The modification times that are not those of the record."""
    latest: int = 0
    """The latest modification time of the altered files, in whole seconds."""

    @property
    def clean(self) -> bool:
        """Whether everything that was written is there, and nothing else."""
        return not (self.lost or self.altered or self.strays)


def look(root: Path, record: TreeRecord, check: Check) -> Sight:
    """Compare the tree at `root` with its record. Byte code that a reader wrote beside the sources is no difference.

    Raises OSError or ValueError where the record is broken.
    """
    sight = Sight()
    listed = list(_folders_to_list(root, record, check, sight))
    if listed or sight.lost:
        expected: dict[str, dict[str, Written]] = {}
        for name, written in record.files():
            expected.setdefault(parent(name), {})[name] = written
        for folder in sight.lost:
            sight.altered.update(expected.get(folder, ()))
        for folder in listed:
            _compare(root, folder, expected.get(folder, {}), record.folders, sight)
    return sight


def parent(name: str) -> str:
    """The folder of a name; the tree itself is ``."""
    return name.rpartition("/")[0]


def _folders_to_list(root: Path, record: TreeRecord, check: Check, sight: Sight) -> Iterator[str]:
    base = os.fspath(root)
    for folder, mtime_ns in record.folders.items():
        if folder and parent(folder) in sight.lost:
            # Not to be looked at: it may lie behind somebody's link.
            sight.lost.add(folder)
            continue
        try:
            status = os.lstat(f"{base}/{folder}" if folder else base)
        except (FileNotFoundError, NotADirectoryError):
            sight.lost.add(folder)
            continue
        if not stat.S_ISDIR(status.st_mode):
            sight.lost.add(folder)
            sight.strays.append(folder)
        elif check is Check.FILES or status.st_mtime_ns != mtime_ns:
            if status.st_mtime_ns != mtime_ns:
                sight.folders[folder] = status.st_mtime_ns
            yield folder


def _compare(
    root: Path, folder: str, expected: Mapping[str, Written], folders: Mapping[str, int], sight: Sight
) -> None:
    seen = set()
    with os.scandir(root / folder) as entries:
        for entry in entries:
            name = f"{folder}/{entry.name}" if folder else entry.name
            written = expected.get(name)
            if written is not None:
                seen.add(name)
                status = entry.stat(follow_symlinks=False)
                if not _same(status, written):
                    sight.altered.add(name)
                    sight.latest = max(sight.latest, int(status.st_mtime))
            elif name not in folders and not (entry.name == BYTE_CODE and entry.is_dir(follow_symlinks=False)):
                sight.strays.append(name)
    sight.altered.update(expected.keys() - seen)


def _same(status: os.stat_result, written: Written) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_size == written.size and status.st_mtime_ns == written.mtime_ns

"""What the file system says of a file without its content being read, as git's index keeps it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

SLOWEST_CLOCK = 2_000_000_000
"""Nanoseconds: the coarsest time stamp of a file system in use (FAT's, of modification times)."""


class Stamp(NamedTuple):
    """Size in bytes, times of modification and of change in nanoseconds, number of the file, its kind and rights."""

    size: int
    modified: int
    changed: int
    inode: int
    mode: int

    def is_settled(self, now: int) -> bool:
        """Whether a later change of the file must show in its stamp, as seen at `now` (nanoseconds since the epoch).

        What was written less than a tick of the slowest clock ago can be written once more within the same tick (git
        calls such an entry racily clean): then only the content tells.
        """
        return max(self.modified, self.changed) < now - SLOWEST_CLOCK


def stamp_of(path: Path | str) -> Stamp | None:
    """The stamp of a file or folder; None if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 (the hot loop of a build with nothing to do)
    except (OSError, ValueError):
        return None
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_mode)


class SeenFile(NamedTuple):
    """A file's content, as long as its stamp holds."""

    stamp: Stamp
    sha256: str


class OutsideFile(NamedTuple):
    """A file that may lie anywhere, and need not be there: then it has no stamp. What cannot be read has no sha256."""

    stamp: Stamp | None
    sha256: str


class SeenFolder(NamedTuple):
    """A folder's names, as long as its stamp holds; without a stamp there is none.

    Each name has whether it is a folder; None where it is a link that leads nowhere, or out of the service.
    """

    stamp: Stamp | None
    names: tuple[tuple[str, bool | None], ...]
    linked: bool
    """Whether any of them is a symbolic link: what it leads to can change without the folder's stamp."""

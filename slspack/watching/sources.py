"""Where changes come from: the operating system's own notices, or looking again and again."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from slspack.codes import Code
from slspack.errors import MachineError
from slspack.watching.folders import scan

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_BURST = 2000
"""Milliseconds after which a burst that does not end is told all the same."""

EACH_FOLDER = sys.platform == "linux"
"""Whether the operating system's notices are of one folder each, or of all that is below it."""

_MODIFIED = 2
_Signature = tuple[int, int, int, int]


class Source(Protocol):
    """Notices that something changed in a set of folders. Paths are those of entries of these folders."""

    def wait(self, quiet: int, patience: int) -> frozenset[Path]:
        """Wait for changes, then until there are no new ones for `quiet` ms; none after `patience` ms (0: forever)."""

    def glance(self) -> frozenset[Path]:
        """What is known to have changed by now, at next to no cost."""

    def take(self) -> frozenset[Path]:
        """All that has changed by now."""

    def close(self) -> None:
        """Notice nothing any more."""


class NoticeSource:
    """Asks the operating system, through watchfiles.

    Linux wants a watch for each folder anyway, so it gets just those that matter; elsewhere one watch holds for all
    that is below a folder, and costs the same however much that is.
    """

    def __init__(self, root: Path, folders: Iterable[Path]) -> None:
        from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

        each = EACH_FOLDER
        outside = (folder for folder in folders if not folder.is_relative_to(root))
        watched = sorted(folders) if each else [root, *sorted(outside)]
        try:
            self._notify = RustNotify([str(path) for path in watched], False, False, 0, not each, True)  # noqa: FBT003 (its own interface)
        except (OSError, WatchfilesRustInternalError) as error:
            raise MachineError.of(
                Code.CANNOT_WATCH,
                f"the operating system cannot watch {len(watched):,} folders: {str(error).rstrip('.')}",
                hint="raise its limit (on Linux `sysctl fs.inotify.max_user_watches` and `max_user_instances`), "
                "ignore folders with `watch.ignore`, or use `--poll`",
            ) from error

    def wait(self, quiet: int, patience: int) -> frozenset[Path]:
        """Wait for changes, then until there are no new ones for `quiet` ms; none after `patience` ms (0: forever)."""
        noticed = self._notify.watch(LONGEST_BURST, quiet, patience, None)
        if noticed == "signal":
            raise KeyboardInterrupt
        if isinstance(noticed, str):
            return frozenset()
        # A folder is "modified" when its mode changes, on some systems also when an entry does: of no interest.
        return frozenset(Path(path) for kind, path in noticed if kind != _MODIFIED or not os.path.isdir(path))  # noqa: PTH112

    def glance(self) -> frozenset[Path]:
        """What is known to have changed by now, at next to no cost."""
        return self.wait(quiet=1, patience=1)

    def take(self) -> frozenset[Path]:
        """All that has changed by now: notices are given a moment to arrive."""
        return self.wait(quiet=5, patience=20)

    def close(self) -> None:
        """Notice nothing any more."""
        self._notify.close()


class PollingSource:
    """Looks at every entry's metadata again and again: for network and container mounts, which send no notices.

    The time is compared in nanoseconds, with size, inode and time of change beside it, so that two saves within
    the file system's tick are told apart where anything tells them apart.
    """

    def __init__(self, folders: Iterable[Path], interval: int) -> None:
        self._folders = sorted(folders)
        self._interval = interval / 1000
        self._seen = self._look()
        self._next_look = time.monotonic() + self._interval

    def wait(self, quiet: int, patience: int) -> frozenset[Path]:
        """Wait for changes, then until there are no new ones for `quiet` ms; none after `patience` ms (0: forever)."""
        began = time.monotonic()
        changed = self._compare()
        while not changed and not (patience and time.monotonic() - began >= patience / 1000):
            time.sleep(min(self._interval, patience / 1000) if patience else self._interval)
            changed = self._compare()
        ends = time.monotonic() + LONGEST_BURST / 1000
        more = changed
        while more and time.monotonic() < ends:
            time.sleep(quiet / 1000)
            more = self._compare()
            changed |= more
        return changed

    def glance(self) -> frozenset[Path]:
        """What has changed by now, looked at no more often than the interval says."""
        return self._compare() if time.monotonic() >= self._next_look else frozenset()

    def take(self) -> frozenset[Path]:
        """All that has changed by now."""
        return self._compare()

    def close(self) -> None:
        """Nothing is held."""

    def _compare(self) -> frozenset[Path]:
        before, now = self._seen, self._look()
        self._seen = now
        self._next_look = time.monotonic() + self._interval
        changed = [path for path, signature in now.items() if before.get(path) != signature]
        return frozenset(Path(path) for path in (*changed, *(before.keys() - now.keys())))

    def _look(self) -> dict[str, _Signature]:
        return {entry.path: _signature(entry) for folder in self._folders for entry in scan(folder)}


def _signature(entry: os.DirEntry[str]) -> _Signature:
    try:
        found = entry.stat()
    except OSError:
        return (0, 0, 0, 0)
    if entry.is_dir():
        return (found.st_ino, 0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)

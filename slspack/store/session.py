"""Who uses the store: a locked file a process, which the system unlocks however the process ends.

A session's file is named for when the session began, by the file system's own clock. What it is still writing stands in
a folder beside it. A session whose lock can be had is over: nothing here is decided by comparing two clocks.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from slspack.store.locks import acquire, try_acquire

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.store.locks import Lock

_FOLDER_SUFFIX = ".d"
_FORSAKEN = 2 * 24 * 3600 * 10**9
"""Nanoseconds after which a session is taken to be over where the file system has no locks that could tell."""


class Session:
    """This process's use of one store. To be started and swept while the store's gate is held."""

    def __init__(self, path: Path, lock: Lock, started: int) -> None:
        self._folder = path.with_name(path.name + _FOLDER_SUFFIX)
        self._has_folder = False
        self._lock = lock
        self._owner = os.getpid()
        self.started = started
        """Nanoseconds, by the file system's clock."""

    @classmethod
    def start(cls, sessions: Path, now: int) -> Session:
        """Begin a session. Raises OSError if the folder cannot be written."""
        sessions.mkdir(parents=True, exist_ok=True)
        path = sessions / f"{now}-{os.urandom(8).hex()}"
        return cls(path, acquire(path), now)

    def scratch(self) -> Path:
        """A folder for what is not whole yet; it goes with the session."""
        if not self._has_folder:
            self._folder.mkdir(exist_ok=True)
            self._has_folder = True
        return self._folder

    def close(self) -> None:
        """End the session. In a child that was forked off this does nothing: the session is its parent's."""
        if os.getpid() != self._owner:
            return
        if self._has_folder:
            _remove_tree(self._folder)
        self._lock.remove()


def sweep(sessions: Path, now: int) -> list[int]:
    """Remove what sessions that are over have left behind; give when each living one began, in nanoseconds."""
    living: list[int] = []
    names = sorted(entry.name for entry in os.scandir(sessions)) if sessions.is_dir() else []
    for name in names:
        path = sessions / name
        if name.endswith(_FOLDER_SUFFIX):
            if name.removesuffix(_FOLDER_SUFFIX) not in names:
                _remove_tree(path)
            continue
        started = _started(name)
        lock = try_acquire(path)
        if lock is None:
            living.append(started)
        elif not lock.certain and now - started < _FORSAKEN:
            lock.release()
            living.append(started)
        else:
            _remove_tree(path.with_name(name + _FOLDER_SUFFIX))
            lock.remove()
    return living


def _remove_tree(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _started(name: str) -> int:
    digits = name.partition("-")[0]
    return int(digits) if digits.isdecimal() else 0


def sweep_locks(locks: Path) -> None:
    """Remove the lock files of objects whose maker was killed."""
    for entry in os.scandir(locks) if locks.is_dir() else ():
        lock = try_acquire(locks / entry.name)
        if lock is not None and lock.certain:
            lock.remove()
        elif lock is not None:
            lock.release()

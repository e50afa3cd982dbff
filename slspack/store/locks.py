"""Locks between processes that the system lets go when their holder dies, however it dies."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from filelock import BaseFileLock

WINDOWS = os.name == "nt"

_UNSUPPORTED = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})
"""What flock(2) answers on file systems without locks."""


class Lock:
    """A lock that is held until `release`. `certain` is false where the file system has no locks to give."""

    def __init__(self, path: Path, held: int | BaseFileLock, *, certain: bool = True) -> None:
        self._path = path
        self._held = held
        self.certain = certain

    def release(self) -> None:
        """Let it go; the file stays."""
        if isinstance(self._held, int):
            os.close(self._held)
        else:
            self._held.release()

    def remove(self) -> None:
        """Let it go and take the file away. Whoever waits for the file notices that it is gone, and makes it again."""
        if isinstance(self._held, int):
            self._path.unlink(missing_ok=True)
        self.release()
        if WINDOWS:
            # There an open file cannot be removed, so this never takes away what another process holds.
            with suppress(OSError):
                self._path.unlink()


def acquire(path: Path) -> Lock:
    """Wait for the lock of that file, which is made if it is not there. Locks are not reentrant."""
    lock = _flock(path, wait=True) if fcntl else _filelock(path, wait=True)
    if lock is None:  # pragma: no cover - waiting ends with the lock
        raise AssertionError("waited for a lock and got none")
    return lock


def try_acquire(path: Path) -> Lock | None:
    """The lock of that file, or None if another process or thread holds it."""
    return _flock(path, wait=False) if fcntl else _filelock(path, wait=False)


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Hold a lock whose file stays."""
    lock = acquire(path)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def holding_briefly(path: Path) -> Iterator[None]:
    """Hold a lock whose file goes with it, so that lock files do not pile up."""
    lock = acquire(path)
    try:
        yield
    finally:
        lock.remove()


def _flock(path: Path, *, wait: bool) -> Lock | None:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(path, descriptor):
                return Lock(path, descriptor)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError as error:
            if error.errno in _UNSUPPORTED:
                return Lock(path, descriptor, certain=False)
            os.close(descriptor)
            raise
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the locked file is the one of that name: its last holder may have removed it while we waited."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _filelock(path: Path, *, wait: bool) -> Lock | None:
    # Imported only where there is no flock(2), because importing it takes longer than a build with nothing to do may.
    from filelock import FileLock, Timeout

    lock = FileLock(path)
    try:
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout:
        return None
    return Lock(path, lock)

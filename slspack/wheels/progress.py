"""How far the fetching of wheels is, for whoever shows it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum

from slspack.errors import SlspackError
from slspack.frozen import dataclass


class Work(Enum):
    """What is being done."""

    FACTS = "facts"
    """File lists are read; no bytes are counted."""
    WHEELS = "wheels"
    """Wheels are downloaded."""


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """How far the work is: files done and in all, bytes done and in all as far as sizes are known."""

    work: Work
    files: int
    files_total: int
    bytes: int = 0
    bytes_total: int = 0


ProgressListener = Callable[[FetchProgress], None]
"""Called from several threads, one at a time, at each file and each chunk."""


class StoppedError(SlspackError):
    """Another file failed, or the user interrupted: this one need not go on."""


class Tally:
    """Counts what threads have done, tells the listener, and passes on that the work shall stop."""

    def __init__(self, work: Work, files: int, size: int, listener: ProgressListener | None) -> None:
        self._work = work
        self._files_total, self._bytes_total = files, size
        self._files = self._bytes = 0
        self._listener = listener
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._tell()

    def advance(self, count: int) -> None:
        """So many more bytes are here. Raises StoppedError if the work shall stop."""
        self.check()
        with self._lock:
            self._bytes += count
            self._tell()

    def finish_file(self) -> None:
        """One more file is done."""
        with self._lock:
            self._files += 1
            self._tell()

    def pause(self, seconds: float) -> None:
        """Wait before another try. Raises StoppedError if the work shall stop."""
        self._stopping.wait(seconds)
        self.check()

    def check(self) -> None:
        """Raise StoppedError if the work shall stop."""
        if self._stopping.is_set():
            raise StoppedError(())

    def stop(self) -> None:
        """Let every file that is under way end at its next chunk."""
        self._stopping.set()

    def _tell(self) -> None:
        if self._listener is not None:
            total = max(self._bytes, self._bytes_total)
            self._listener(FetchProgress(self._work, self._files, self._files_total, self._bytes, total))

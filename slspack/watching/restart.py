"""Where a build may be given up because an edit has overtaken it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slspack.progress import Progress

_BEFORE = frozenset({"resolve", "facts", "closure", "plan", "download", "segments", "native"})
"""The stages of a build before which it may be given up: nothing of its result is written yet."""


PAUSE = 0.1
"""Seconds between two looks: asking takes milliseconds, and a build that is done sooner is not worth giving up."""


class OvertakenError(Exception):
    """Something has changed while a build was running; its result would be out of date."""


class RestartPoints:
    """A listener to a build's progress that gives the build up, between stages, once something has changed.

    Artifacts are written after the last such point and the manifest after them, so an output folder never holds a part
    of a build; that part runs to its end, which takes milliseconds.
    """

    def __init__(self, progress: Progress, pause: float = PAUSE) -> None:
        self._progress = progress
        self._pause = pause
        self._next_look = 0.0
        self._pending: Callable[[], bool] | None = None

    @contextmanager
    def armed(self, pending: Callable[[], bool]) -> Iterator[None]:
        """Give up the build in this block if `pending` says so at one of the points."""
        self._pending = pending
        self._next_look = time.monotonic() + self._pause
        try:
            yield
        finally:
            self._pending = None

    def stage(self, name: str) -> None:
        """A stage begins, unless something has changed. Raises OvertakenError."""
        here = threading.current_thread() is threading.main_thread()
        if name == "bundle":
            self._pending = None
        elif here and name in _BEFORE and self._is_overtaken():
            raise OvertakenError
        self._progress.stage(name)

    def transfer(self, done: int, total: int) -> None:
        """So many bytes of a download have arrived."""
        self._progress.transfer(done, total)

    def _is_overtaken(self) -> bool:
        if self._pending is None or time.monotonic() < self._next_look:
            return False
        self._next_look = time.monotonic() + self._pause
        return self._pending()

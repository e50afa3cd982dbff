"""Where a build may be given up because an edit has overtaken it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slspack.progress import Progress

_BEFORE = frozenset({"resolve", "facts", "closure", "plan", "download", "segments"})
"""The stages of a build before which it may be given up: nothing of its result is written yet."""


class OvertakenError(Exception):
    """Something has changed while a build was running; its result would be out of date."""


class RestartPoints:
    """A listener to a build's progress that gives the build up, between stages, once something has changed.

    Artifacts are written after the last such point and the manifest after them, so an output folder never holds a part
    of a build; that part runs to its end, which takes milliseconds.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._pending: Callable[[], bool] | None = None

    @contextmanager
    def armed(self, pending: Callable[[], bool]) -> Iterator[None]:
        """Give up the build in this block if `pending` says so at one of the points."""
        self._pending = pending
        try:
            yield
        finally:
            self._pending = None

    def stage(self, name: str) -> None:
        """A stage begins, unless something has changed. Raises OvertakenError."""
        here = threading.current_thread() is threading.main_thread()
        if name == "bundle":
            self._pending = None
        elif here and name in _BEFORE and self._pending is not None and self._pending():
            raise OvertakenError
        self._progress.stage(name)

    def transfer(self, done: int, total: int) -> None:
        """So many bytes of a download have arrived."""
        self._progress.transfer(done, total)

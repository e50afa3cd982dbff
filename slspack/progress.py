"""What a build tells while it runs. The pipeline speaks to this; the command line renders it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


STAGE_WORDS = {
    "load": "reading the configuration",
    "trace": "resolving requirements, tracing imports",
    "resolve": "resolving requirements, tracing imports",
    "facts": "reading wheels' file lists",
    "download": "downloading wheels",
    "closure": "drawing closures",
    "plan": "planning artifacts",
    "segments": "preparing wheels",
    "native": "checking native code",
    "bundle": "writing artifacts",
}
"""What people are told of a stage that takes long."""


class Progress(Protocol):
    """A listener. Every method may be called from any thread."""

    def stage(self, name: str) -> None:
        """A stage begins: `trace`, `resolve`, `download`, …"""

    def transfer(self, done: int, total: int) -> None:
        """So many bytes of a download have arrived. `total` grows as files are found."""


class Silence:
    """Listens to nothing."""

    def stage(self, name: str) -> None:
        """Ignore it."""

    def transfer(self, done: int, total: int) -> None:
        """Ignore it."""


class Timings:
    """Seconds by stage, measured on the monotonic clock."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self.progress = progress

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Tell the listener that a stage begins, and add its duration."""
        self.progress.stage(name)
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

"""Bursts of changes, and who gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.watching.rebuilder import WatchedInputs


@dataclass(frozen=True, slots=True)
class Burst:
    """What changed until it was quiet: absolute paths of files, and of folders that are gone."""

    paths: frozenset[Path]
    missing: frozenset[Path] = frozenset()
    """Those of `paths` that were not there when it became quiet."""
    complete: bool = True
    """Whether nothing else can have changed."""


class ChangeStream(Protocol):
    """Tells what changed among the inputs of a service."""

    def follow(self, inputs: WatchedInputs) -> None:
        """Tell of these from now on; what has changed since the last call is not lost."""

    def next(self) -> Burst | None:
        """Wait for a change, and until it is quiet; None at the end. Raises KeyboardInterrupt on Ctrl-C."""

    def pending(self) -> bool:
        """Whether something has changed that `next` has not told yet. Takes no time to speak of."""

    def close(self) -> None:
        """Watch no longer."""

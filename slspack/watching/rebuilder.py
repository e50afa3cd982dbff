"""What watching asks of whoever builds, and what that one depends on."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from slspack.frozen import dataclass
from slspack.model import WatchSettings

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.request import BuildResult


@dataclass(frozen=True, slots=True)
class WatchedInputs:
    """What the last build depended on. Every path is absolute."""

    root: Path
    """The service's folder, which is watched with all that is below it."""
    files: frozenset[Path] = frozenset()
    """Files that count wherever they are and whatever git ignores: the configuration and what it includes, requirement
    files, `.env`, files outside the root, and whatever else is known to be read."""
    outputs: frozenset[Path] = frozenset()
    """Folders (or files) that slspack itself writes; nothing in them ever starts a build."""
    settings: WatchSettings = field(default_factory=WatchSettings)
    """`watch` of the service's configuration."""


class Rebuilder(Protocol):
    """Builds a service again and again."""

    def build(self, changed: frozenset[Path] | None) -> BuildResult:
        """Bring the artifacts up to date after these paths changed; None: everything may have changed.

        A path is of a file that was made, changed or removed, or of a folder that was removed or replaced with all that
        was below it. Raises SlspackError; the artifacts of the last good build then stay as they are.
        """

    def inputs(self) -> WatchedInputs:
        """What the last build depended on, also if it failed; before the first, as much as is known."""

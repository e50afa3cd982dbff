"""Which of a distribution's files go into an artifact."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.model.finding import Location
    from slspack.model.names import DistName


class Prune(Enum):
    """`prune`: whether files of distributions that no run reads are left out."""

    SAFE = "safe"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class DistributionPatterns:
    """`distributionPatterns` for one distribution: globs, with `!` to leave out; the last that matches decides."""

    name: DistName
    globs: tuple[str, ...]
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What is taken of one wheel. Equal selections of one wheel share a segment."""

    prune: Prune = Prune.SAFE
    globs: tuple[str, ...] = ()
    strip: bool = False
    """Whether shared libraries lose what only debuggers and linkers read."""
    prefix: str = ""
    """The folder of the artifact that stands for its root, with its slash: `python/` in a layer."""


@dataclass(frozen=True, slots=True)
class Selections:
    """What a function takes of its distributions."""

    prune: Prune = Prune.SAFE
    patterns: tuple[DistributionPatterns, ...] = ()
    """At most one for a name."""
    everywhere: tuple[str, ...] = ()
    """Globs for every distribution, before its own."""
    strip: bool = False

    def of(self, name: DistName) -> Selection:
        """What is taken of a distribution."""
        own = next((each.globs for each in self.patterns if each.name == name), ())
        return Selection(self.prune, (*self.everywhere, *own), self.strip)

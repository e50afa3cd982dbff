"""The closure: which distributions a function needs, and why."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.model.finding import Finding, Location
    from slspack.model.lock import LockedDistribution


class ReasonKind(Enum):
    """Why a distribution is in a closure."""

    IMPORT = "import"
    HANDLER = "handler"
    REQUIRES = "requires"
    OPTIONAL_IMPORT = "optional-import"
    COLLECTION = "collection"
    UNREFERENCED = "unreferenced"
    INCLUDED = "included"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a distribution: who wants it, where, and in what words.

    `source` is a first-party module's name for IMPORT, a distribution's name for REQUIRES and OPTIONAL_IMPORT, empty
    otherwise. `detail` is the import or the requirement as written.
    """

    kind: ReasonKind
    source: str
    detail: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class ClosureMember:
    """A distribution that a function needs, and all the reasons, the shortest chain's first."""

    distribution: LockedDistribution
    direct: bool
    """Whether the user listed it."""
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A locked distribution that is not in a function, and why not."""

    distribution: LockedDistribution
    reason: str


@dataclass(frozen=True, slots=True)
class Closure:
    """The part of a lock that one function needs."""

    function: str
    members: tuple[ClosureMember, ...]
    """Sorted by name."""
    left_out: tuple[LeftOut, ...] = ()
    findings: tuple[Finding, ...] = ()

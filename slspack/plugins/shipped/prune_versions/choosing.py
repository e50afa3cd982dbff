"""Which published versions go: the oldest of those that nothing points at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


@dataclass(frozen=True, slots=True)
class Version:
    """A published version. `bytes` is the size of its code as Lambda stores it, where that is known."""

    number: int
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """The versions of one function or layer that are deleted, the oldest first, and how many are kept."""

    name: str
    deleted: tuple[Version, ...]
    kept: int
    pointed_at: tuple[int, ...] = ()
    """Those that are kept since an alias leads to them."""

    @property
    def bytes(self) -> int:
        """What deleting them gives back."""
        return sum(version.bytes for version in self.deleted)


def choose(name: str, versions: Iterable[Version], keep: int, pointed_at: Collection[int] = ()) -> Choice:
    """Keep the newest `keep` versions besides those that are pointed at, as serverless-prune-plugin counts."""
    every = sorted(versions, key=lambda version: version.number, reverse=True)
    free = [version for version in every if version.number not in pointed_at]
    deleted = tuple(reversed(free[keep:]))
    aliased = tuple(sorted(version.number for version in every if version.number in pointed_at))
    return Choice(name, deleted, len(every) - len(deleted), aliased)

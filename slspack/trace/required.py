"""A choice of a lock's distributions with all that these require: what a layer holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.trace.needs import Needs
from slspack.trace.reach import Walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from slspack.model import DistName, Lock, LockedDistribution, WheelFacts


def with_requirements(
    names: Iterable[DistName], lock: Lock, facts: Mapping[DistName, WheelFacts], without: Collection[DistName] = ()
) -> tuple[LockedDistribution, ...]:
    """Those distributions of a lock and what they require of it, sorted by name; nothing is reached through `without`.

    Extras count as they are listed. `facts` is of every distribution in the lock.
    """
    present = frozenset(locked.name for locked in lock.distributions) - frozenset(without)
    walk = Walk(Needs(lock, facts), present, {})
    reached = {node.name for node in walk.reach(dict.fromkeys(names, 0))}
    return tuple(locked for locked in lock.distributions if locked.name in reached)

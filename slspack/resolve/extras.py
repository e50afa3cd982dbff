"""The extras that a compiled requirements file has lost: uv, and pip-tools on request, write pins without them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.resolve.reach import needs, reached_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slspack.model import DistName, Listed, LockedDistribution, Target, WheelFacts


def with_lost_extras(
    listed: Sequence[Listed],
    distributions: Sequence[LockedDistribution],
    facts: Mapping[DistName, WheelFacts],
    target: Target,
) -> tuple[Listed, ...]:
    """What is listed, with each extra for whose sake alone something is pinned.

    A pin that nothing listed leads to must be there because of an extra. It is one of a listed distribution, whose
    requirements then are all pinned.
    """
    pinned = {one.name for one in distributions}
    orphans = pinned - reached_names([(one.name, one.extras) for one in listed], facts, target)
    if not orphans:
        return tuple(listed)
    return tuple(replace(one, extras=one.extras | _lost(facts[one.name], orphans, pinned, target)) for one in listed)


def _lost(facts: WheelFacts, orphans: set[DistName], pinned: set[DistName], target: Target) -> frozenset[str]:
    always = {name for name, _ in needs(facts, "", target)}
    found = set()
    for extra in facts.extras:
        more = {name for name, _ in needs(facts, extra, target)} - always
        if more & orphans and more <= pinned:
            found.add(extra)
    return frozenset(found)

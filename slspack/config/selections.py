"""Reads which files of distributions are taken, for the service and on top of it for a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.config.policy import read_distribution
from slspack.config.settings import setting
from slspack.model import DistributionPatterns, Prune, Selections

if TYPE_CHECKING:
    from slspack.config.value import Value


def read_selections(settings: Value | None, base: Selections) -> Selections:
    """What `settings` say, after what `base` says: a function's globs come after the service's."""
    prune = setting(settings, "prune")
    patterns = {each.name: each for each in base.patterns}
    value = setting(settings, "distributionPatterns")
    for key, at, item in value.pairs() if value else ():
        name = read_distribution(key, item)
        if name is not None:
            before = patterns[name].globs if name in patterns else ()
            patterns[name] = DistributionPatterns(name, (*before, *item.texts()), at)
    return Selections(
        (prune.choice(Prune) if prune else None) or base.prune,
        tuple(patterns[name] for name in sorted(patterns)),
    )

"""Reads which files of distributions are taken, for the service and on top of it for a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.config.policy import read_distribution
from slspack.config.settings import setting
from slspack.model import DistributionPatterns, Prune, Selections

if TYPE_CHECKING:
    from slspack.config.value import Value


# What `slim` leaves out by itself: of what describes a distribution, all but what importlib.metadata reads. Byte code,
# the other default of serverless-python-requirements, is in no artifact anyway.
_SLIM = (
    "!*.dist-info/**",
    "*.dist-info/METADATA",
    "*.dist-info/entry_points.txt",
    "*.dist-info/top_level.txt",
)


def read_selections(settings: Value | None, base: Selections, python_requirements: Value | None = None) -> Selections:
    """What `settings` say, after what `base` says: a function's globs come after the service's.

    `slim` and what belongs to it, which are the service's, may stand in `custom.pythonRequirements` too.
    """
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
        *_read_slim(settings, base, python_requirements),
    )


def _read_slim(
    settings: Value | None, base: Selections, python_requirements: Value | None
) -> tuple[tuple[str, ...], bool]:
    """The globs for every distribution, and whether libraries are stripped."""

    slim = setting(settings, "slim") or _inherited(python_requirements, "slim")
    patterns = setting(settings, "slimPatterns") or _inherited(python_requirements, "slimPatterns")
    defaults = setting(settings, "slimPatternsAppendDefaults")
    defaults = defaults or _inherited(python_requirements, "slimPatternsAppendDefaults")
    strip = setting(settings, "strip") or _inherited(python_requirements, "strip")
    slims = slim is not None and slim.flag() is True
    own = setting(settings, "strip") is not None
    strips = strip.flag() if strip and (slims or own) else None
    if not slims:
        return base.everywhere, base.strip if strips is None else strips
    kept = _SLIM if defaults is None or defaults.flag() is not False else ()
    return (*kept, *_left_out(patterns)), strips is not False


def _inherited(python_requirements: Value | None, key: str) -> Value | None:
    return python_requirements.peek(key) if python_requirements else None


def _left_out(patterns: Value | None) -> tuple[str, ...]:
    """A pattern names files or folders with all that is in them."""
    return tuple(glob for text in (patterns.texts() if patterns else ()) for glob in (f"!{text}", f"!{text}/**"))

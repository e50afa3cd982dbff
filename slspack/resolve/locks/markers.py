"""Markers of lock files, evaluated for a target and a set of extras at once."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from slspack.targets import marker_environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.model import Target

_EXTRA = re.compile(
    r"\bextra\s*(?P<is>==|!=)\s*(?P<quote>['\"])(?P<name>[^'\"]*)(?P=quote)"
    r"|(?P<quote2>['\"])(?P<name2>[^'\"]*)(?P=quote2)\s*(?P<is2>==|!=)\s*extra\b"
)
_ALWAYS, _NEVER = "python_version >= '3'", "python_version < '3'"


@cache
def holds(marker: str, target: Target, active: frozenset[str] = frozenset()) -> bool:
    """Whether a marker holds on the target where just the extras in `active` are.

    A marker of PEP 508 knows one extra at a time; in a lock several may be asked for, and `extra == 'a' and extra ==
    'b'` then means both. Raises packaging's InvalidMarker.
    """
    from packaging.markers import Marker

    if not marker:
        return True

    def decided(match: re.Match[str]) -> str:
        wanted = (match["is"] or match["is2"]) == "=="
        name = match["name"] if match["name"] is not None else match["name2"]
        return _ALWAYS if (name in active) is wanted else _NEVER

    return Marker(_EXTRA.sub(decided, marker)).evaluate({**marker_environment(target), "extra": ""})


def any_holds(markers: Iterable[str], target: Target, active: frozenset[str]) -> bool:
    """Whether one of the markers holds; without any, that is so."""
    known = tuple(markers)
    return not known or any(holds(marker, target, active) for marker in known)

"""The nearest existing names, for hints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def near_names(wrong: str, existing: Iterable[str]) -> tuple[str, ...]:
    """At most three existing names close to a wrong one, the nearest first."""
    from difflib import get_close_matches

    return tuple(get_close_matches(wrong, sorted(set(existing)), n=3, cutoff=0.6))


def did_you_mean(wrong: str, existing: Iterable[str]) -> str | None:
    """A hint that names them; None if none is near."""
    near = near_names(wrong, existing)
    return f"did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else None

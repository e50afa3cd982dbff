"""Names that are nearly what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], *, count: int = 3) -> tuple[str, ...]:
    """The nearest of the known names, best first; empty if none is near."""
    from difflib import get_close_matches

    return tuple(get_close_matches(name, sorted(known), n=count, cutoff=0.6))


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint that names the nearest, or None."""
    near = nearest(name, known)
    return f"did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else None

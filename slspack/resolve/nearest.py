"""Names that stand in a text, and names that are nearly what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.model import dist_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.model import DistName


def nearest(name: str, known: Iterable[str], *, count: int = 3) -> tuple[str, ...]:
    """The nearest of the known names, best first; empty if none is near."""
    from difflib import get_close_matches

    return tuple(get_close_matches(name, sorted(known), n=count, cutoff=0.6))


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint that names the nearest, or None."""
    near = nearest(name, known)
    return f"did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else None


def named_in(names: Iterable[DistName], text: str) -> tuple[DistName, ...]:
    """Those of the names that stand in a text as words."""
    words = {dist_name(word) for word in text.replace("`", " ").replace(",", " ").split()}
    return tuple(name for name in names if any(word == name or _starts(word, name) for word in words))


def _starts(word: str, name: str) -> bool:
    return word.startswith(name) and word[len(name) : len(name) + 1] in ("=", "<", ">", "!", "~", "[", "{")

"""Tables of TOML that nobody has checked: what is of another kind than it should be counts as not there."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def read_toml(path: Path) -> Mapping[str, object] | None:
    """A file's tables; None where it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None


def table(parent: Mapping[str, object], *names: str) -> Mapping[str, object]:
    """The table of those names, one in the other."""
    for name in names:
        value = parent.get(name)
        parent = value if isinstance(value, dict) else {}
    return parent


def items(value: object) -> Sequence[object]:
    """A list."""
    return value if isinstance(value, list) else ()


def texts(parent: Mapping[str, object], name: str) -> tuple[str, ...]:
    """The texts in a list."""
    return tuple(one for one in items(parent.get(name)) if isinstance(one, str))


def text(parent: Mapping[str, object], name: str, default: str = "") -> str:
    """A text."""
    value = parent.get(name)
    return value if isinstance(value, str) else default

"""The line of a file that an error is about, with a mark under the place."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.model import Location

WIDTH = 120
"""Characters of a line that are shown."""

_SHOWN = frozenset({".py", ".pyi", ".json", ".toml", ".yaml", ".yml"})
"""Not requirement files and `.env`: their lines may hold credentials."""


def code_frame(root: Path, at: Location | None) -> str | None:
    """The line that `at` names and the one before it; None where there is nothing to show."""
    if at is None or not at.line or PurePath(at.path).suffix not in _SHOWN:
        return None
    try:
        lines = (root / at.path).read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    if at.line > len(lines):
        return None
    margin = len(str(at.line))
    shown = []
    if at.line > 1:
        shown.append(f"  {at.line - 1:>{margin}} | {lines[at.line - 2][:WIDTH]}".rstrip())
    line = lines[at.line - 1]
    from_column = max(0, at.column - WIDTH)
    shown.append(f"> {at.line} | {line[from_column : from_column + WIDTH]}".rstrip())
    if at.column:
        # Tabs stay tabs, so that the mark stands under its place however wide the terminal draws them.
        before = line[from_column : at.column - 1].ljust(at.column - 1 - from_column)
        shown.append(f"  {'':{margin}} | {_blank(before)}^")
    return "\n".join(shown)


def _blank(text: str) -> str:
    return "".join(one if one == "\t" else " " for one in text)

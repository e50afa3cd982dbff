"""What a compiled requirements file says of who wants each line: pip-tools' and uv's `# via` comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slspack.model import dist_name

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)")
_VIA = re.compile(r"(?:^|\s)#\s*via\b(.*)$")
_MORE = re.compile(r"^\s*#\s+(\S.*)$")


def transitive_lines(text: str) -> frozenset[int]:
    """The lines (from 1) of requirements that nobody wrote down: all that wants them is other lines of this file.

    A line wanted by a file (`-r requirements.in`), by a project, or without any `# via` is not among them. Both styles
    count: one comment after or below the requirement, and one that goes on for several lines.
    """
    wanted_by = dict(_wanted_by(text))
    names = {name for name, _ in wanted_by.values()}
    return frozenset(line for line, (_, by) in wanted_by.items() if by and all(dist_name(one) in names for one in by))


def _wanted_by(text: str) -> Iterator[tuple[int, tuple[str, list[str]]]]:
    """Each requirement's line, with its name and what the comment says wants it."""
    name, first, by, listing = "", 0, list[str](), False
    for number, line in enumerate(text.splitlines(), start=1):
        begins = _NAME.match(line)
        if begins:
            if name:
                yield first, (name, by)
            name, first, by, listing = dist_name(begins[1]), number, [], False
        via, more = _VIA.search(line), _MORE.match(line)
        if via:
            listing = True
            by += _words(via[1])
        elif listing and more:
            by += _words(more[1])
    if name:
        yield first, (name, by)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]

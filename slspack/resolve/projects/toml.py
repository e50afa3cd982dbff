"""A project file in TOML, and where strings stand in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Location

if TYPE_CHECKING:
    from slspack.resolve.files import ServiceFiles

_PLACE = r"at line (\d+), column (\d+)"


def load_toml(path: str, files: ServiceFiles) -> tuple[str, dict[str, object]]:
    """The text and the tables of a file; both empty if there is none. Raises SLS0201 if it is not TOML."""
    import tomllib

    try:
        text = (files.read(path) or b"").decode("utf-8-sig")
        return text, tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        place = re.search(_PLACE, str(error))
        at = Location(path, int(place[1]), int(place[2])) if place else Location(path)
        reason = str(error).partition(" (at ")[0]
        message = f"`{path}` is not TOML: {reason[:1].lower()}{reason[1:]}"
        raise SlspackError.of(Code.REQUIREMENT_SYNTAX, message, at=at) from None


def find_in(path: str, text: str, wanted: str) -> Location:
    """Where a string stands: its first quoted (or, for a key, bare) occurrence. TOML readers keep no positions."""
    escaped = re.escape(wanted)
    match = re.search(rf"[\"']{escaped}[\"']", text) or re.search(rf"^\s*{escaped}\s*=", text, re.MULTILINE)
    if match is None:
        return Location(path)
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    before = text[:start]
    return Location(path, before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1)

"""A script's own metadata (PEP 723), as a project."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Location
from slspack.resolve.projects.toml import find_in
from slspack.resolve.requirement_line import LineError, parse_requirement
from slspack.resolve.requirements_file import locate_from
from slspack.resolve.written import Written

if TYPE_CHECKING:
    from slspack.model import Finding
    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.written import WrittenRequirement

# The standard's own expression.
_BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")


def has_metadata(text: str) -> bool:
    """Whether a script says what it needs."""
    return any(match["type"] == "script" for match in _BLOCK.finditer(text))


def read_script(path: str, files: ServiceFiles) -> Written:
    """What a script's `dependencies` list; nothing where it has no metadata.

    Raises SLS0201 for metadata that is not TOML, for two blocks of it, and for requirements that cannot be parsed.
    """
    text = (files.read(path) or b"").decode("utf-8", "replace").replace("\r\n", "\n")
    blocks = [match for match in _BLOCK.finditer(text) if match["type"] == "script"]
    if not blocks:
        return Written(sources=(path,))
    line = text.count("\n", 0, blocks[-1].start()) + 1
    if len(blocks) > 1:
        raise _wrong("there are two blocks of script metadata", Location(path, line), "keep one of them")
    content = "".join(
        one[2:] if one.startswith("# ") else one[1:] for one in blocks[0]["content"].splitlines(keepends=True)
    )
    try:
        stated = tomllib.loads(content).get("dependencies", [])
    except tomllib.TOMLDecodeError as error:
        raise _wrong(f"the script metadata is not TOML: {error}", Location(path, line), None) from None
    if not isinstance(stated, list) or not all(isinstance(one, str) for one in stated):
        raise _wrong("`dependencies` of the script metadata is not a list of strings", Location(path, line), None)
    found: list[WrittenRequirement] = []
    errors: list[Finding] = []
    for one in stated:
        at = find_in(path, text, one)
        try:
            found.append(parse_requirement(one.strip(), at, locate=locate_from(path, files)))
        except LineError as error:
            errors += _wrong(str(error), at, error.hint).findings
    if errors:
        raise SlspackError(errors)
    return Written(tuple(found), sources=(path,))


def _wrong(message: str, at: Location, hint: str | None) -> SlspackError:
    return SlspackError.of(Code.REQUIREMENT_SYNTAX, message, at=at, hint=hint)

"""`.env` files, as the Framework's reader of them understands them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>[\w.-]+)[ \t]*(?:=|:[ \t])[ \t]*
    (?:
        '(?P<single>(?:\\'|[^'])*)'
      | "(?P<double>(?:\\"|[^"])*)"
      | `(?P<back>(?:\\`|[^`])*)`
      | (?P<plain>[^\#\r\n]*)
    )
    [ \t]*(?:\#[^\n]*)?$""",
    re.MULTILINE | re.VERBOSE,
)
_EXPANSION = re.compile(r"(?P<escape>\\)?\$(?:\{(?P<braced>\w+)(?::-(?P<default>[^}]*))?\}|(?P<bare>\w+))")


def parse_dotenv(text: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that `text` sets; `$NAME` in a value is expanded, where `environment` wins over the file."""
    values = read_dotenv(text)
    return {name: _expand(value, values, environment) for name, value in values.items()}


def read_dotenv(text: str) -> dict[str, str]:
    """The variables that `text` sets, as they are written.

    Quotes of three kinds may span lines; between double quotes `\\n` is a line break; `#` begins a comment.
    """
    values: dict[str, str] = {}
    for match in _LINE.finditer(text.replace("\r\n", "\n")):
        if match["double"] is not None:
            value = match["double"].replace("\\n", "\n").replace("\\r", "\r")
        else:
            value = match["single"] or match["back"] or (match["plain"] or "").strip()
        values[match["name"]] = value
    return values


def _expand(value: str, values: Mapping[str, str], environment: Mapping[str, str], depth: int = 10) -> str:
    def replace(match: re.Match[str]) -> str:
        if match["escape"]:
            return match[0][1:]
        name = match["braced"] or match["bare"]
        if name in environment:
            return environment[name]
        if name not in values or not depth:
            return match["default"] or ""
        return _expand(values[name], values, environment, depth - 1)

    return _EXPANSION.sub(replace, value)

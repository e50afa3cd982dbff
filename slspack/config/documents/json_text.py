"""JSON, with the place of every value."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from slspack.config.documents.syntax import DocumentError, Lines
from slspack.config.nodes import Items, Leaf, Node, Table

if TYPE_CHECKING:
    from slspack.model import Location

_SPACE = re.compile(r"[ \t\r\n]*")


def read_json(text: str, name: str) -> Node:
    """The document in `text`; of a repeated key the last counts, as in JavaScript. Raises DocumentError."""
    lines = Lines(text, name)
    try:
        json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise DocumentError(f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}", lines.at(error.pos)) from None
    except _NotJsonError as error:
        raise DocumentError(f"not valid JSON: `{error}` is not a number", lines.at(text.find(str(error)))) from None
    return _Walk(text, lines).value()


class _NotJsonError(Exception):
    """A constant that JSON does not have: NaN, Infinity."""


def _refuse(constant: str) -> None:
    raise _NotJsonError(constant)


class _Walk:
    """Walks over a text that is known to be valid."""

    def __init__(self, text: str, lines: Lines) -> None:
        self._text = text
        self._lines = lines
        self._index = 0
        self._decoder = json.JSONDecoder()

    def value(self) -> Node:
        self._skip()
        at = self._lines.at(self._index)
        match self._text[self._index]:
            case "{":
                return self._table(at)
            case "[":
                return self._items(at)
        scalar, self._index = self._decoder.raw_decode(self._text, self._index)
        return Leaf(scalar, at)

    def _table(self, at: Location) -> Table:
        entries: dict[str, Node] = {}
        keys: dict[str, Location] = {}
        while self._more("}"):
            where = self._lines.at(self._index)
            key, self._index = self._decoder.raw_decode(self._text, self._index)
            self._skip()
            self._index += 1  # the colon
            entries[key] = self.value()
            keys[key] = where
        return Table(entries, keys, at)

    def _items(self, at: Location) -> Items:
        items: list[Node] = []
        while self._more("]"):
            items.append(self.value())
        return Items(tuple(items), at)

    def _more(self, closing: str) -> bool:
        """Step over an opening bracket, a comma or the closing bracket; whether a member follows."""
        self._skip()
        if self._text[self._index] == closing:
            self._index += 1
            return False
        self._index += self._text[self._index] in "{[,"
        self._skip()
        if self._text[self._index] == closing:
            self._index += 1
            return False
        return True

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._index)
        self._index = match.end() if match else self._index

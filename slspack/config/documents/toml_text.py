"""TOML, with the place of every key and value. The standard library parses it; the places come from a walk of ours."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, TypeAlias

from slspack.config.documents.syntax import DocumentError, Lines
from slspack.config.nodes import Items, Leaf, Node, Table
from slspack.model import Location

if TYPE_CHECKING:
    from collections.abc import Mapping

_Path: TypeAlias = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}\n#]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_WHERE = re.compile(r"at line (\d+), column (\d+)")


def read_toml(text: str, name: str) -> Node:
    """The document in `text`. Raises DocumentError."""
    text = text.replace("\r\n", "\n")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), name) from None
    walk = _Walk(text, Lines(text, name))
    walk.document()
    return _Builder(walk.keys, walk.values).node(document, (), Location(name, 1, 1))


def _syntax_error(message: str, name: str) -> DocumentError:
    """tomllib says where only in words: `Expected '=' after a key (at line 3, column 7)`."""
    what = message.partition(" (at ")[0]
    match = _WHERE.search(message)
    at = Location(name, int(match[1]), int(match[2])) if match else Location(name)
    return DocumentError(f"not valid TOML: {what[:1].lower()}{what[1:]}", at)


class _Builder:
    """Joins the values with their places. A table that no header of its own opens stands where its parent does."""

    def __init__(self, keys: Mapping[_Path, Location], values: Mapping[_Path, Location]) -> None:
        self._keys = keys
        self._values = values

    def node(self, value: object, path: _Path, parent: Location) -> Node:
        at = self._values.get(path) or self._keys.get(path) or parent
        if isinstance(value, dict):
            entries = {key: self.node(item, (*path, key), at) for key, item in value.items()}
            return Table(entries, {key: self._keys.get((*path, key), at) for key in value}, at)
        if isinstance(value, list):
            return Items(tuple(self.node(item, (*path, index), at) for index, item in enumerate(value)), at)
        if isinstance(value, str | int | float | bool):
            return Leaf(value, at)
        return Leaf(str(value), at)  # a date or a time, as text


class _Walk:
    """Notes where keys and values stand in a text that is known to be valid."""

    def __init__(self, text: str, lines: Lines) -> None:
        self._text = text
        self._lines = lines
        self._index = 0
        self._lengths: dict[_Path, int] = {}
        self.keys: dict[_Path, Location] = {}
        self.values: dict[_Path, Location] = {}

    def document(self) -> None:
        table: _Path = ()
        self._skip(_BLANK)
        while self._index < len(self._text):
            if self._text[self._index] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> _Path:
        start = self._index
        array = self._text.startswith("[[", start)
        self._index += 2 if array else 1
        path = self._key(())
        self._index += 2 if array else 1
        if array:
            length = self._lengths.get(path, 0)
            self._lengths[path] = length + 1
            path = (*path, length)
            self.keys[path] = self._lines.at(start)
        return path

    def _pair(self, table: _Path) -> None:
        path = self._key(table, inside_array=False)
        self._index += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _key(self, table: _Path, *, inside_array: bool = True) -> _Path:
        """Read a dotted key. In a header, a part that names an array of tables means the last one of it."""
        path = table
        while True:
            self._skip(_SPACE)
            start = self._index
            path = (*path, self._key_part())
            self.keys.setdefault(path, self._lines.at(start))
            self._skip(_SPACE)
            if self._text[self._index] != ".":
                return path
            self._index += 1
            if inside_array and path in self._lengths:
                path = (*path, self._lengths[path] - 1)

    def _key_part(self) -> str:
        match = _STRING.match(self._text, self._index) or _BARE_KEY.match(self._text, self._index)
        assert match is not None, "tomllib accepted this key"  # noqa: S101
        self._index = match.end()
        if match[0][0] not in "\"'":
            return match[0]
        return next(iter(tomllib.loads(f"{match[0]} = 0")))

    def _value(self, path: _Path) -> None:
        self.values[path] = self._lines.at(self._index)
        match self._text[self._index]:
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case '"' | "'":
                self._skip(_STRING)
            case _:
                self._skip(_BARE_VALUE)

    def _array(self, path: _Path) -> None:
        index = 0
        self._index += 1
        self._skip(_BLANK)
        while self._text[self._index] != "]":
            self._value((*path, index))
            index += 1
            self._separator()
        self._index += 1

    def _inline_table(self, path: _Path) -> None:
        self._index += 1
        self._skip(_BLANK)
        while self._text[self._index] != "}":
            self._pair(path)
            self._separator()
        self._index += 1

    def _separator(self) -> None:
        self._skip(_BLANK)
        if self._text[self._index] == ",":
            self._index += 1
            self._skip(_BLANK)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._index)
        self._index = match.end() if match else self._index

"""Rewrites syntax newer than the Python that runs slspack into older syntax with the same imports and names.

What is rewritten: type parameters and `type` statements (PEP 695, 696), quotes of the same kind inside f-strings
(PEP 701), template strings (PEP 750), several exceptions without parentheses (PEP 758). Every statement stays at its
line and column.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.trace.facts import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"""(?P<space>(?:[ \t\f]|\\\r?\n)+)
      | (?P<comment>\#[^\r\n]*)
      | (?P<string>[A-Za-z]{0,2}(?:\"{3}|'{3}|"|'))
      | (?P<name>[^\W\d]\w*)
      | (?P<newline>\r?\n|\r)
      | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPENING, _CLOSING = "([{", ")]}"
_IMPORT_CALL = re.compile(r"__import__|import_module")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def repair(text: str) -> tuple[str, tuple[Remark, ...]]:
    """The same source in older syntax, and the calls that may import and could not be kept."""
    tokens = [token for token in _tokens(text) if token.kind not in {"space", "comment"}]
    given_up: list[Remark] = []
    edits: dict[tuple[int, int], str] = {}
    for index, token in enumerate(tokens):
        if token.kind == "string":
            if _needs_blanking(token.text):
                edits[token.start, token.end] = _blank_string(token.text)
                given_up.extend(_lost_calls(text, token))
        elif token.text in {"def", "class"}:
            edits.update(_type_parameters(text, tokens, index + 2))
        elif token.text == "type" and _starts_type_statement(tokens, index):
            name = tokens[index + 1]
            edits[token.start, name.end] = name.text.ljust(name.end - token.start)
            edits.update(_type_parameters(text, tokens, index + 2))
        elif token.text == "except":
            edits.update(_exception_list(text, tokens, index))
    return _applied(text, edits), tuple(given_up)


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while match := _TOKEN.match(text, position):
        end = match.end()
        if match.lastgroup == "string":
            end = _end_of_string(text, match.start(), end)
        yield _Token(match.lastgroup or "other", text[position:end], position, end)
        position = end


def _end_of_string(text: str, start: int, position: int) -> int:
    """Where the string ends whose opening quotes end at `position`; replacement fields nest as PEP 701 says."""
    opening = text[start:position]
    prefix = opening.rstrip("\"'").lower()
    quotes = opening[len(prefix) :]
    while position < len(text):
        if text.startswith(quotes, position):
            return position + len(quotes)
        if text[position] == "\\":
            position += 2
        elif text[position] == "{" and ("f" in prefix or "t" in prefix):
            position = position + 2 if text.startswith("{{", position) else _end_of_field(text, position + 1, quotes)
        elif text[position] == "\n" and len(quotes) == 1:
            return position
        else:
            position += 1
    return position


def _end_of_field(text: str, position: int, quotes: str) -> int:
    """Where the replacement field ends whose `{` stands before `position`, its format included."""
    depth = 0
    while position < len(text) and (match := _TOKEN.match(text, position)):
        if match.lastgroup == "string":
            position = _end_of_string(text, position, match.end())
            continue
        character = match.group()
        if not depth and character == "}":
            return match.end()
        if not depth and character == ":":
            return _end_of_format(text, match.end(), quotes)
        depth += (character in _OPENING) - (character in _CLOSING)
        position = match.end()
    return position


def _end_of_format(text: str, position: int, quotes: str) -> int:
    while position < len(text):
        if text[position] == "}":
            return position + 1
        if text.startswith(quotes, position):
            return position
        position = _end_of_field(text, position + 1, quotes) if text[position] == "{" else position + 1
    return position


def _needs_blanking(literal: str) -> bool:
    prefix = re.match(r"[A-Za-z]*", literal)
    letters = prefix.group().lower() if prefix else ""
    if "t" in letters:
        return True
    if "f" not in letters:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(literal, mode="eval")
    except SyntaxError:
        return True
    return False


def _blank_string(literal: str) -> str:
    *above, last = literal.split("\n")
    if not above:
        return '""'.ljust(len(literal))
    return '"""' + "\n" * len(above) + '"""'.rjust(len(last))


def _lost_calls(text: str, token: _Token) -> Iterator[Remark]:
    for match in _IMPORT_CALL.finditer(token.text):
        at = token.start + match.start()
        start_of_line = text.rfind("\n", 0, at) + 1
        yield Remark(text.count("\n", 0, at) + 1, at - start_of_line + 1, match.group())


def _type_parameters(text: str, tokens: list[_Token], index: int) -> dict[tuple[int, int], str]:
    """Blank out `[…]` that begins at a token, keeping its line breaks as continuations."""
    if index >= len(tokens) or tokens[index].text != "[":
        return {}
    end = _closing(tokens, index)
    start, stop = tokens[index].start, tokens[end].end
    *above, last = text[start:stop].split("\n")
    return {(start, stop): "\\\n" * len(above) + " " * len(last)}


def _closing(tokens: list[_Token], index: int) -> int:
    depth = 0
    for place in range(index, len(tokens)):
        depth += (tokens[place].text in _OPENING) - (tokens[place].text in _CLOSING)
        if not depth:
            return place
    return len(tokens) - 1


def _starts_type_statement(tokens: list[_Token], index: int) -> bool:
    if index + 2 >= len(tokens):
        return False
    name, after = tokens[index + 1 : index + 3]
    return name.kind == "name" and not keyword.iskeyword(name.text) and after.text in {"=", "["}


def _exception_list(text: str, tokens: list[_Token], index: int) -> dict[tuple[int, int], str]:
    """Put parentheses around the exceptions of a clause that has a comma outside of any, in place of two blanks."""
    first = index + 1
    if first < len(tokens) and tokens[first].text == "*":
        first += 1
    depth, comma = 0, None
    for place in range(first, len(tokens)):
        token = tokens[place]
        if not depth and token.text == ":":
            if comma is None:
                return {}
            opening = tokens[first].start - text[: tokens[first].start].endswith(" ")
            after_comma = comma.end + text.startswith(" ", comma.end)
            return {(opening, tokens[first].start): "(", (comma.end, after_comma): "", (token.start, token.start): ")"}
        if not depth and token.text == ",":
            comma = token
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
    return {}


def _applied(text: str, edits: dict[tuple[int, int], str]) -> str:
    pieces: list[str] = []
    position = 0
    for (start, end), replacement in sorted(edits.items()):
        if start < position:
            continue  # inside what is dropped already
        pieces += (text[position:start], replacement)
        position = end
    pieces.append(text[position:])
    return "".join(pieces)

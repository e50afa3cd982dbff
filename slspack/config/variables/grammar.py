"""The grammar of variables: a string, read as literal text and references.

    template  = { text | reference }
    reference = "${" call { "," fallback } "}"
    fallback  = call | string | number | "true" | "false" | "null" | reference
    call      = type ( ":" [address] | "(" [param { "," param }] ")" [":" address] )
    address   = string | template
    param     = string | template

A `${` that does not begin so is text (`${AWS::Region}` is CloudFormation's). A backslash before `${` makes it text.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypeAlias

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.config.nodes import Scalar


@dataclass(frozen=True, slots=True)
class Literal:
    """A quoted string, a number, a boolean or null."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Call:
    """One source of a value: `file(config.yml):key` has type `file`, one parameter and an address."""

    type: str
    params: tuple[Template, ...]
    address: Template | None


@dataclass(frozen=True, slots=True)
class Reference:
    """A variable: its sources in the order in which they are asked, and its text as written."""

    sources: tuple[Call | Literal | Reference, ...]
    text: str


Template: TypeAlias = tuple[str | Literal | Reference, ...]
"""Parts of a string. A part is a Literal only where it is the whole parameter or address."""


class GrammarError(ValueError):
    """A variable that cannot be parsed."""


_OPENS = re.compile(r"\$\{[a-z][a-zA-Z0-9.-]*(?:\(|:(?!:))")
_CALL = re.compile(r"([a-z][a-zA-Z0-9.-]*)([(:])")
_BACKSLASHES = re.compile(r"(\\+)(?=\$\{)")
_WORD = re.compile(r"[^,}'\"${]*")
_SPACE = re.compile(r"\s*")
_NUMBER = re.compile(r"-?(?:\d+(?P<fraction>\.\d+)?)")
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}


def parse(text: str) -> Template:
    """The parts of `text`. Raises GrammarError."""
    return _Parser(text).template("")


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._index = 0

    def template(self, stops: str) -> Template:
        """Read parts until one of `stops`, or to the end where there are none."""
        parts: list[str | Literal | Reference] = []
        text = ""
        while self._index < len(self._text) and self._text[self._index] not in stops:
            if _OPENS.match(self._text, self._index):
                parts += [text] if text else []
                parts.append(self._reference())
                text = ""
            else:
                text += self._text_run(nested=bool(stops))
        return (*parts, text) if text else tuple(parts)

    def _text_run(self, *, nested: bool) -> str:
        """One character of text, or backslashes that stand before a variable: each pair of them is one."""
        backslashes = _BACKSLASHES.match(self._text, self._index)
        if backslashes:
            count = len(backslashes[1])
            self._index += count
            kept = "\\" * (count // 2)
            if count % 2 == 0:
                return kept
            self._index += 2
            return kept + "${"
        if nested and self._text.startswith("${", self._index):
            raise GrammarError(f"a nested variable needs a type, as in `${{self:…}}`, at `{self._rest()}`")
        character = self._text[self._index]
        self._index += 1
        return character

    def _reference(self) -> Reference:
        start = self._index
        self._index += 2
        sources: list[Call | Literal | Reference] = [self._call()]
        while True:
            self._skip()
            if self._take("}"):
                return Reference(tuple(sources), self._text[start : self._index])
            if not self._take(","):
                if self._index >= len(self._text):
                    raise GrammarError(f"the closing bracket of `{self._text[start:]}` is missing")
                raise GrammarError(f"expected `,` or `}}` at `{self._rest()}`")
            self._skip()
            sources.append(self._fallback())

    def _fallback(self) -> Call | Literal | Reference:
        if _OPENS.match(self._text, self._index):
            return self._reference()
        if _CALL.match(self._text, self._index):
            return self._call()
        if self._text[self._index : self._index + 1] in ("'", '"'):
            return Literal(self._string())
        match = _WORD.match(self._text, self._index)
        word = match[0].strip() if match else ""
        value = _literal(word)
        if value is None:
            if not word:
                raise GrammarError("a fallback is missing after `,`")
            raise GrammarError(f"the fallback `{word}` must be quoted: `'{word}'`")
        self._index = match.end() if match else self._index
        return value

    def _call(self) -> Call:
        match = _CALL.match(self._text, self._index)
        if match is None:
            raise GrammarError(f"expected a variable's type at `{self._rest()}`")
        self._index = match.end()
        params: tuple[Template, ...] = ()
        if match[2] == "(":
            params = self._params()
            self._skip()
            if not self._take(":"):
                return Call(match[1], params, None)
        return Call(match[1], params, self._part(",}") or None)

    def _params(self) -> tuple[Template, ...]:
        params: list[Template] = []
        while True:
            self._skip()
            if self._take(")"):
                return tuple(params)
            params.append(self._part(",)}"))
            if self._index >= len(self._text) or self._text[self._index] == "}":
                raise GrammarError(f"the closing parenthesis of `{self._text}` is missing")
            self._take(",")

    def _part(self, stops: str) -> Template:
        """A parameter or an address: a quoted string, or text with variables in it, without the space around it."""
        self._skip()
        if self._text[self._index : self._index + 1] in ("'", '"'):
            part: Template = (Literal(self._string()),)
            self._skip()
            if self._text[self._index : self._index + 1] not in stops:
                raise GrammarError(f"unexpected text after a quoted string at `{self._rest()}`")
            return part
        part = self.template(stops)
        if part and isinstance(part[-1], str):
            last = part[-1].rstrip()
            return (*part[:-1], last) if last else part[:-1]
        return part

    def _string(self) -> str:
        """A quoted string: between single quotes as it stands, between double quotes as JSON."""
        if self._take("'"):
            end = self._text.find("'", self._index)
            if end < 0:
                raise GrammarError(f"the closing quote of `'{self._rest()}` is missing")
            value = self._text[self._index : end]
            self._index = end + 1
            return value
        try:
            decoded, self._index = json.JSONDecoder().raw_decode(self._text, self._index)
        except json.JSONDecodeError:
            raise GrammarError(f"`{self._rest()}` does not begin with a valid quoted string") from None
        return str(decoded)

    def _take(self, character: str) -> bool:
        found = self._text.startswith(character, self._index)
        self._index += found
        return found

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._index)
        self._index = match.end() if match else self._index

    def _rest(self) -> str:
        return self._text[self._index :]


def _literal(word: str) -> Literal | None:
    if word in _WORDS:
        return Literal(_WORDS[word])
    match = _NUMBER.fullmatch(word)
    if match is None:
        return None
    return Literal(float(word) if match["fraction"] else int(word))

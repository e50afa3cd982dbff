"""Globs as micromatch reads them with `dot: true`: the language of the Serverless Framework's `package.patterns`.

Every rule here was found by asking micromatch 4, whose corners are kept, since a user's patterns were written against
them: `[!ab]` is not a negated class (`[^ab]` is), `**.py` alone reaches below folders, `a/**` matches `a` too. The
paths matched are clean: relative, with `/`, without empty, `.` or `..` parts.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache

from slspack.frozen import dataclass
from slspack.globtext import class_or_text, is_ambiguous, range_source, split

_STAR = "[^/]*"
_NONEMPTY_STAR = "(?=.)[^/]*"
_GLOBSTAR = ".*"
_NEVER = r"(?!)"
_DEEP_SUFFIX = re.compile(r"\*\*((?:\.\w+)+)", re.ASCII)
_RANGE = re.compile(r"[^{}()\[\]*?+@!,/\\]*?\.\.[^{}()\[\]*?+@!,/\\]*")
_ONE_EXTENSION = re.compile(r"\.[^\\/.]+")


@dataclass(frozen=True, slots=True)
class Glob:
    """A compiled glob."""

    text: str
    regex: re.Pattern[str]

    def matches(self, path: str) -> bool:
        """Whether a clean path matches. A glob always matches the path that it spells, brackets and all."""
        return path == self.text or self.regex.fullmatch(path) is not None


@lru_cache(maxsize=4096)
def compile_glob(text: str) -> Glob:
    """Compile a glob. One that makes no sense (`[z-a]`) matches only the path that it spells, as in micromatch."""
    body, negated = _without_negation(text)
    try:
        source = _source(body.removeprefix("./"))
        regex = re.compile(f"(?!(?:{source})\\Z).*" if negated else source, re.DOTALL)
    except re.error:
        regex = re.compile(_NEVER)
    return Glob(text, regex)


def _without_negation(text: str) -> tuple[str, bool]:
    """Take off leading exclamation marks that negate: each that does not open `!(…)`."""
    count = 0
    while text[count : count + 1] == "!" and text[count + 1 : count + 2] != "(":
        count += 1
    return text[count:], count % 2 == 1


def _source(body: str) -> str:
    if not body:
        return _NEVER
    deep = _DEEP_SUFFIX.fullmatch(body)
    if deep:
        return _GLOBSTAR + re.escape(deep[1])
    return _Translator(body).translate()


class _Before(Enum):
    """What stands before the next character: it decides what stars, `?` and `+` mean."""

    START = auto()
    SLASH = auto()
    OPEN = auto()
    STAR = auto()
    CLOSED_PAREN = auto()
    CLOSED = auto()
    TEXT = auto()


_BEFORE_GLOBSTAR = (_Before.START, _Before.SLASH, _Before.OPEN, _Before.CLOSED_PAREN)


class _Translator:
    """Turns one glob into the source of a regular expression, from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.before = _Before.START
        self.before_slash = _Before.START
        self.closers: list[str] = []

    def translate(self) -> str:
        """The whole glob."""
        out: list[str] = []
        while self.position < len(self.text):
            self._item(out)
        return "".join(out)

    def _rest(self) -> str:
        return self.text[self.position :]

    def _take(self, length: int = 1) -> str:
        taken = self.text[self.position : self.position + length]
        self.position += length
        return taken

    def _put(self, out: list[str], source: str, kind: _Before) -> None:
        out.append(source)
        self.before = kind

    def _item(self, out: list[str]) -> None:
        char, following = self.text[self.position], self.text[self.position + 1 : self.position + 2]
        if char in "?+*@!" and following == "(" and self._closing(self.position + 1):
            self._extglob(out)
        elif char == "*":
            self._stars(out)
        elif char == "[" and (end := self._class_end()):
            self._class(out, end)
        elif char in "({" and self._closing(self.position):
            self._group(out)
        else:
            self._take()
            self._character(out, char)

    def _character(self, out: list[str], char: str) -> None:
        if char == "?":
            self._put(out, "?" if self.before is _Before.CLOSED_PAREN else "[^/]", _Before.TEXT)
        elif char == "/":
            self.before_slash = self.before
            self._put(out, "/", _Before.SLASH)
        elif char == "\\":
            self._put(out, re.escape(self._take() or "\\"), _Before.TEXT)
        elif char == "," and self.closers and self.closers[-1] == "}":
            self._put(out, "|", _Before.OPEN)
        else:
            repeats = char == "+" and self.before in (_Before.CLOSED, _Before.CLOSED_PAREN)
            separates = char == "|" and self.closers
            self._put(out, char if repeats or separates else re.escape(char), _Before.TEXT)

    def _stars(self, out: list[str]) -> None:
        rest = self._rest()
        count = len(rest) - len(rest.lstrip("*"))
        if rest[count : count + 1] == "(" and self._closing(self.position + count):
            count -= 1  # the last star opens an extglob
        self._take(count)
        if count != 2 or self.before not in _BEFORE_GLOBSTAR:
            starts_part = self.before in (_Before.START, _Before.SLASH)
            self._put(out, _NONEMPTY_STAR if starts_part else _STAR, _Before.STAR)
            return
        while re.match(r"/\*\*(?:/|\Z)", self._rest()):
            self._take(3)
        self._globstar(out)

    def _globstar(self, out: list[str]) -> None:
        rest = self._rest()
        if self.before is _Before.START and rest.startswith("/"):
            self._take()
            self._slash_taken(out, "(?:.*/)?")
        elif self.before is _Before.SLASH and rest.startswith("/"):
            self._take()
            out.pop()
            self._slash_taken(out, "(?:/.*/|/)" if rest == "/" else r"(?:/.*/|/|\Z)")
        elif self.before is _Before.SLASH and not rest and self.before_slash not in (_Before.STAR, _Before.START):
            out.pop()
            self._put(out, "(?:/.*)?", _Before.STAR)
        elif not rest or rest[0] in "/{" or rest.startswith("@(") or (self.closers and rest[0] in "),}"):
            self._put(out, _GLOBSTAR, _Before.STAR)
        else:
            self._put(out, _STAR, _Before.STAR)

    def _slash_taken(self, out: list[str], source: str) -> None:
        self.before_slash = _Before.STAR
        self._put(out, source, _Before.SLASH)
        out.append("")  # stands for the slash that a following globstar would take back

    def _closing(self, opening: int) -> int:
        """Where the group that opens at an index closes; 0 if it does not."""
        wanted = [")" if self.text[opening] == "(" else "}"]
        index = opening + 1
        while index < len(self.text):
            char = self.text[index]
            if char == "\\":
                index += 1
            elif char == "[" and (end := self._class_end(index)):
                index = end
            elif char in "({":
                wanted.append(")" if char == "(" else "}")
            elif char == wanted[-1]:
                wanted.pop()
                if not wanted:
                    return index
            index += 1
        return 0

    def _inside(self, closer: str, end: int) -> str:
        """Translate up to the closing character at `end`, and take that too."""
        inner: list[str] = []
        self.closers.append(closer)
        self.before = _Before.OPEN
        while self.position < end:
            self._item(inner)
        self.closers.pop()
        self._take()
        return "".join(inner)

    def _group(self, out: list[str]) -> None:
        opening, end = self.position, self._closing(self.position)
        body = self.text[opening + 1 : end]
        if self._take() == "(":
            self._put(out, f"(?:{self._inside(')', end)})", _Before.CLOSED_PAREN)
        elif len(split(body, ",")) > 1:
            self._put(out, f"(?:{self._inside('}', end)})", _Before.CLOSED)
        elif _RANGE.fullmatch(body):
            self._take(len(body) + 1)
            self._put(out, range_source(body.split("..")), _Before.CLOSED)
        else:
            out.append(r"\{")
            self._put(out, self._inside(" ", end) + r"\}", _Before.CLOSED)

    def _extglob(self, out: list[str]) -> None:
        kind, end = self._take(), self._closing(self.position)
        body = self.text[self.position + 1 : end]
        self._take()
        inner = self._inside(")", end)
        if kind in "+*" and is_ambiguous(body):
            source = re.escape(f"{kind}({body})")
        elif kind == "!":
            source = self._negation(body, inner)
        else:
            source = f"(?:{inner}){'' if kind == '@' else kind}"
        self._put(out, source, _Before.CLOSED_PAREN)

    def _negation(self, body: str, inner: str) -> str:
        """`!(…)`: no alternative stands here; what else may, and how far the test looks, depends on what follows."""
        rest = self._rest()
        star = _GLOBSTAR if "/" in body and len(body) > 1 else _STAR
        if "*" in body and _ONE_EXTENSION.fullmatch(rest):
            return f"(?:(?!(?:{inner}){_Translator(rest).translate()}){star})"
        at_end = star == _GLOBSTAR or not rest.strip(")")
        return f"(?:(?!(?:{inner}){chr(92) + 'Z' if at_end else ''}){star})"

    def _class_end(self, opening: int | None = None) -> int:
        """Where the class that opens at an index closes; 0 if it does not."""
        start = (self.position if opening is None else opening) + 1
        index = start + (self.text[start : start + 1] == "^")
        index += self.text[index : index + 1] == "]"
        while index < len(self.text):
            if self.text[index] == "\\":
                index += 1
            elif self.text.startswith("[:", index) and (end := self.text.find(":]", index)) > 0:
                index = end + 1
            elif self.text[index] == "]":
                return index
            index += 1
        return 0

    def _class(self, out: list[str], end: int) -> None:
        content = self.text[self.position + 1 : end]
        self._take(end + 1 - self.position)
        self._put(out, class_or_text(content), _Before.CLOSED)

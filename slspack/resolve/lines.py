"""The logical lines of a requirements file: continued, without comments, variables put in (as pip documents)."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COMMENT = re.compile(r"(^|\s)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """A line that says something. `line` and `column` are where it begins, from 1."""

    text: str
    line: int
    column: int


def decode(content: bytes) -> str:
    """A file's text: by its byte order mark, by a `coding:` comment in its first two lines, else UTF-8.

    Raises UnicodeDecodeError, and LookupError for an unknown coding.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding)
    for line in content.split(b"\n", 2)[:2]:
        stated = _CODING.match(line)
        if stated:
            return content.decode(stated[1].decode("ascii"))
    return content.decode("utf-8")


def logical_lines(text: str, environment: Mapping[str, str]) -> Iterator[LogicalLine]:
    """The lines that are neither blank nor only a comment.

    In pip's order: continued lines are joined first (a line that is a comment is never continued, and ends what is
    continued before it), then comments are cut (`#` at the start or after white space), then `${NAME}` is replaced;
    a variable that is not set stays as it is written.
    """
    for number, joined in _joined(text):
        content = _COMMENT.sub("", joined)
        stripped = content.strip()
        if stripped:
            column = len(content) - len(content.lstrip()) + 1
            yield LogicalLine(_with_variables(stripped, environment), number, column)


def _joined(text: str) -> Iterator[tuple[int, str]]:
    pending: list[str] = []
    first = 1
    for number, line in enumerate(text.splitlines(), start=1):
        if not pending:
            first = number
        comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not comment:
            pending.append(line[:-1])
            continue
        # A space before a comment that follows a continued line, so that it is seen as one.
        yield first, "".join([*pending, f" {line}" if comment else line])
        pending = []
    if pending:
        yield first, "".join(pending)


def _with_variables(text: str, environment: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda match: environment.get(match[1]) or match[0], text)

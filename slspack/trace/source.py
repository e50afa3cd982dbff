"""Bytes of a source file -> its syntax tree, as the target's Python would read them."""

from __future__ import annotations

import ast
import io
import re
import sys
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Location

if TYPE_CHECKING:
    from slspack.trace.facts import Remark

_BOM = b"\xef\xbb\xbf"
_COOKIE = re.compile(rb"[^\n]*(?:\n[^\n]*)?coding[:=]")
_ATTEMPTS = 20


def decode(content: bytes, path: str) -> str:
    """A source's text, its encoding found as PEP 263 says. Raises SLS0308 if it has none."""
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise _unreadable("it contains a null byte", Location(path, line))
    try:
        if not _COOKIE.match(content):
            return content.removeprefix(_BOM).decode("utf-8")
        import tokenize

        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable(f"it is not {error.encoding}", Location(path, line)) from error
    except SyntaxError as error:
        raise _unreadable(str(error.msg), Location(path, 1)) from error


def parse(text: str, path: str, python: tuple[int, int]) -> tuple[ast.Module, tuple[Remark, ...]]:
    """The tree of a source, and what had to be given up where its syntax is newer than this Python.

    Raises SLS0303 with line and column if the target's Python can't parse it.
    """
    try:
        return _parse(text, python), ()
    except SyntaxError as error:
        if python <= sys.version_info[:2]:
            raise _syntax_error(error, path) from error
        from slspack.trace.lenient import repair

        repaired, given_up = repair(text)
        try:
            return _parse(repaired, python), given_up
        except SyntaxError:
            raise _syntax_error(error, path) from error


def _parse(text: str, python: tuple[int, int]) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _undisturbed(text, min(python, sys.version_info[:2]))
        except (RecursionError, MemoryError) as error:
            raise SyntaxError("it is nested too deeply") from error
        except ValueError as error:
            raise SyntaxError(str(error)) from error


def _undisturbed(text: str, python: tuple[int, int]) -> ast.Module:
    """`ast.parse`, again where another call of it got in between.

    Up to CPython 3.11 the depth of a tree is counted in one place for the whole process, so that a second call in the
    midst of the first, by another thread or a finalizer, makes the first fail with SystemError.
    """
    for _ in range(_ATTEMPTS):
        with suppress(SystemError):
            return ast.parse(text, feature_version=python)
    return ast.parse(text, feature_version=python)


def _syntax_error(error: SyntaxError, path: str) -> SlspackError:
    return SlspackError.of(
        Code.SYNTAX_ERROR,
        f"`{path}` cannot be parsed: {error.msg}",
        at=Location(path, error.lineno or 0, error.offset or 0),
    )


def _unreadable(reason: str, at: Location) -> SlspackError:
    return SlspackError.of(
        Code.UNREADABLE_SOURCE,
        f"`{at.path}` cannot be read as Python source: {reason}",
        at=at,
        hint="save it as UTF-8, or name its encoding in the first line (PEP 263)",
    )

"""A script of slspack's own, and how it ended."""

from __future__ import annotations

from slspack.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """A script that reads its standard input and writes its standard output."""

    source: bytes
    options: tuple[str, ...] = ()
    """Python's own."""
    arguments: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ran:
    """How a script ended: its exit status, its output, and its words on standard error."""

    status: int
    output: bytes
    words: bytes

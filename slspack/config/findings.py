"""Collects what is wrong with a configuration, so that all of it is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.errors import ConfigError
from slspack.model import Finding, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.codes import Code


class Findings:
    """Findings in the order in which they were made, each once."""

    def __init__(self) -> None:
        self._findings: dict[Finding, None] = {}

    def error(self, code: Code, message: str, at: Location | None, hint: str | None = None) -> None:
        """Something that must be mended before anything can be built."""
        self._findings[Finding(code, Severity.ERROR, message, at, hint)] = None

    def warning(self, code: Code, message: str, at: Location | None, hint: str | None = None) -> None:
        """Something that should be mended."""
        self._findings[Finding(code, Severity.WARNING, message, at, hint)] = None

    def notice(self, code: Code, message: str, at: Location | None, function: str | None = None) -> None:
        """Something worth knowing, about a function or the service."""
        self._findings[Finding(code, Severity.NOTICE, message, at, function=function)] = None

    def finish(self) -> tuple[Finding, ...]:
        """The warnings and notices. Raises ConfigError with all errors, by place, if there are any."""
        errors = [finding for finding in self._findings if finding.severity is Severity.ERROR]
        if errors:
            raise ConfigError(sorted(errors, key=_place))
        return tuple(self._findings)


def _place(finding: Finding) -> tuple[str, int, int]:
    at = finding.at or Location("")
    return at.path, at.line, at.column


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The hint that names the known word most like `word`, if one is like it."""
    from difflib import get_close_matches

    matches = get_close_matches(word, sorted(known), n=1)
    return f"did you mean `{matches[0]}`?" if matches else None

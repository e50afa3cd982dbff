"""Findings as text: what is wrong, where, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from slspack.model import Finding

_COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTICE: "\x1b[1;36m"}
_RESET = "\x1b[0m"


def print_findings(findings: Iterable[Finding], stream: TextIO) -> None:
    """Print each finding once, however many functions it concerns, errors last so that they stay in sight."""
    colours = wants_colour(stream)
    merged = merge(findings)
    for severity in (Severity.NOTICE, Severity.WARNING, Severity.ERROR):
        for finding, functions in merged:
            if finding.severity is severity:
                print(render(finding, functions, colours=colours), file=stream)
    stream.flush()


def merge(findings: Iterable[Finding]) -> list[tuple[Finding, tuple[str, ...]]]:
    """Findings that say the same, each once with the functions it was made for, in the order of first appearance."""
    groups: dict[tuple[object, ...], tuple[Finding, list[str]]] = {}
    for finding in findings:
        key = (finding.code, finding.severity, finding.message, finding.at, finding.hint)
        _, functions = groups.setdefault(key, (finding, []))
        if finding.function is not None and finding.function not in functions:
            functions.append(finding.function)
    return [(finding, tuple(functions)) for finding, functions in groups.values()]


def render(finding: Finding, functions: Sequence[str] = (), *, colours: bool = False) -> str:
    """One finding as lines: the severity with the code, then where it is, then what to do."""
    label = f"{finding.severity.value}[{finding.code.id}]"
    if colours:
        label = f"{_COLOURS[finding.severity]}{label}{_RESET}"
    lines = [f"{label}: {finding.message}"]
    if finding.at is not None:
        lines.append(f"  --> {finding.at}")
    if functions:
        lines.append(f"  in: {_shortened(functions)}")
    if finding.hint:
        first, *rest = finding.hint.splitlines()
        lines.append(f"  hint: {first}")
        lines += [f"        {line}" for line in rest]
    return "\n".join(lines)


def wants_colour(stream: TextIO) -> bool:
    """Whether text on this stream may be coloured: a terminal, and nobody has set NO_COLOR or TERM=dumb."""
    import os

    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _shortened(names: Sequence[str], limit: int = 6) -> str:
    shown = ", ".join(names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"

"""What happens while a service is watched, and how tools read it: `slspack-watch/1`, one JSON object a line."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import Severity
from slspack.report.making import relative_path

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from slspack.model import Finding

SCHEMA = "slspack-watch/1"


@dataclass(frozen=True, slots=True)
class Product:
    """What a build left for a function: its artifact, or the one that it shares. A folder has no hash and no size."""

    name: str
    artifact: str
    """As the manifest has it: relative to the service, with `/`, where that is possible."""
    fingerprint: str
    sha256: str | None
    bytes: int


@dataclass(frozen=True, slots=True)
class Started:
    """A build begins. One that an edit restarts has no other end than the next `Started`."""

    number: int
    changed: tuple[Path, ...]
    """Empty for the first build."""
    missing: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Built:
    """A build was good."""

    number: int
    first: bool
    changed: tuple[Path, ...]
    missing: tuple[Path, ...]
    rebuilt: tuple[Product, ...]
    """The functions whose artifacts differ from those of the last good build; at first, all."""
    total: int
    """How many functions there are."""
    kept: int
    """How many of them had their artifacts already."""
    removed: tuple[str, ...]
    """The functions that are no longer there."""
    stale: tuple[str, ...]
    """The artifacts that this build leaves without a function."""
    mended: bool
    """Whether the build before it failed."""
    findings: tuple[Finding, ...]
    new_findings: tuple[Finding, ...]
    """Those that the last good build did not have."""
    seconds: float

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions that differ."""
        return tuple(one.name for one in self.rebuilt)


@dataclass(frozen=True, slots=True)
class Failed:
    """A build was not good; the artifacts of the last good one are still there."""

    number: int
    first: bool
    """Whether there has been no good build yet."""
    changed: tuple[Path, ...]
    missing: tuple[Path, ...]
    findings: tuple[Finding, ...]
    seconds: float


def to_json(event: Started | Built | Failed, root: Path, manifest: Path) -> str:
    """An event as its line, without the line's end. Documented in `docs/guides/watch.md`."""
    shared = {"schema": SCHEMA, "event": type(event).__name__.lower(), "build": event.number}
    changed = [relative_path(path, root) for path in event.changed]
    match event:
        case Started():
            own: dict[str, object] = {"changed": changed}
        case Built():
            own = {
                "first": event.first,
                "changed": changed,
                "functions": [asdict(one) for one in event.rebuilt],
                "removed": list(event.removed),
                "manifest": relative_path(manifest, root),
                "warnings": _findings(event.findings, Severity.WARNING),
                "seconds": round(event.seconds, 6),
            }
        case Failed():
            own = {
                "changed": changed,
                "errors": _findings(event.findings, Severity.ERROR),
                "seconds": round(event.seconds, 6),
            }
    return json.dumps(shared | own, ensure_ascii=False)


def _findings(findings: Iterable[Finding], severity: Severity) -> list[dict[str, object]]:
    return [
        {
            "code": one.code.id,
            "message": one.message,
            "file": one.at.path if one.at else None,
            "line": one.at.line or None if one.at else None,
            "column": one.at.column or None if one.at else None,
            "hint": one.hint,
            "function": one.function,
        }
        for one in findings
        if one.severity is severity
    ]

"""What happens while a service is watched, and how tools read it: `slspack-watch/1`, one JSON object a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slspack.model import Severity
from slspack.report.manifest import relative_path

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from slspack.model import Digest, Finding

SCHEMA = "slspack-watch/1"


@dataclass(frozen=True, slots=True)
class Product:
    """An artifact as a build left it. `path` is absolute; a folder has no hash and no size."""

    name: str
    path: Path
    fingerprint: Digest
    functions: tuple[str, ...]
    sha256: Digest | None
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
    """The artifacts that differ from those of the last good build; at first, all."""
    written: frozenset[str]
    """The names of the artifacts that were written, not found as they should be."""
    total: int
    """How many functions there are."""
    removed: tuple[str, ...]
    """The functions that are no longer there."""
    stale: tuple[Path, ...]
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
        return tuple(name for one in self.rebuilt for name in one.functions)


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
                "functions": [record for one in event.rebuilt for record in _functions(one, root)],
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


def _functions(product: Product, root: Path) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "artifact": relative_path(product.path, root),
            "sha256": product.sha256,
            "bytes": product.bytes,
            "fingerprint": product.fingerprint,
        }
        for name in product.functions
    ]


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

"""What the plugin is told: one JSON object a line, at once."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

from slspack.model import Severity
from slspack.progress import STAGE_WORDS
from slspack.report import merge, render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TextIO

    from slspack.model import Finding

_PAUSE = 0.1
"""Seconds between two lines about one download."""


class Teller:
    """Writes events, from whichever thread; it listens to a build's progress, too."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._next_transfer = 0.0

    def tell(self, event: str, values: Mapping[str, object]) -> None:
        """Write an event."""
        line = json.dumps({"event": event, **values}, ensure_ascii=False) + "\n"
        with self._lock:
            self._stream.write(line)
            self._stream.flush()

    def findings(self, findings: Iterable[Finding]) -> None:
        """Write an event for each warning and notice."""
        for finding, functions in merge(findings):
            self.tell("finding", finding_record(finding, functions))

    def failed(self, findings: Iterable[Finding]) -> None:
        """Write that it came to nothing, and why."""
        merged = [(one, names) for one, names in merge(findings) if one.severity is Severity.ERROR]
        self.tell("failed", {"errors": [finding_record(one, names) for one, names in merged]})

    def stage(self, name: str) -> None:
        """A stage begins."""
        if name in STAGE_WORDS:
            self.tell("progress", {"stage": name, "text": STAGE_WORDS[name]})

    def transfer(self, done: int, total: int) -> None:
        """So many bytes of a download have arrived."""
        now = time.monotonic()
        if now >= self._next_transfer or done == total:
            self._next_transfer = now + _PAUSE
            self.tell(
                "progress", {"stage": "download", "text": STAGE_WORDS["download"], "bytes": done, "bytes_total": total}
            )


def finding_record(finding: Finding, functions: tuple[str, ...]) -> dict[str, object]:
    """A finding as the plugin gets it. `text` is what a terminal would show."""
    at = finding.at
    return {
        "severity": finding.severity.value,
        "code": finding.code.id,
        "message": finding.message,
        "file": at.path if at else None,
        "line": at.line or None if at else None,
        "column": at.column or None if at else None,
        "hint": finding.hint,
        "functions": list(functions),
        "text": render(finding, functions),
    }

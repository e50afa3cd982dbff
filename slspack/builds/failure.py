"""How a failed build is told: what failed, the end of what it printed, where the rest is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.registry.credentials import without_credentials

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.builds.builder import BuildTask

_LINES = 15
_WIDTH = 240


def build_failed(task: BuildTask, builder: str, reason: str, hint: str | None = None) -> SlspackError:
    """The error (SLS0510) for a build that failed, with the tail of its log. `reason` completes `…: REASON`."""
    message = f"building `{task.label}` for {task.target} ({builder}) failed: {reason}"
    tail = log_tail(task.log)
    if tail:
        message += "\n" + "\n".join(f"  {line}".rstrip() for line in tail)
    where = f"the whole log is `.slspack/{task.log.parent.name}/{task.log.name}`"
    return SlspackError.of(Code.BUILD_FAILED, message, hint=f"{hint}; {where}" if hint else where)


def log_tail(log: Path, lines: int = _LINES) -> tuple[str, ...]:
    """The last lines of a log that are not blank, without credentials in addresses; none where there is no log."""
    try:
        text = log.read_bytes()[-(1 << 16) :].decode("utf-8", "replace")
    except OSError:
        return ()
    kept = [line.rstrip()[:_WIDTH] for line in text.splitlines() if line.strip()]
    return tuple(without_credentials(line) for line in kept[-lines:])

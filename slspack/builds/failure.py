"""How builds are told of: what failed, the end of what it printed, where the rest is; and what came out otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.model import BuilderChoice, Finding, Severity
from slspack.registry.credentials import without_credentials

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.builds.builder import BuildTask
    from slspack.builds.record import BuildRecord
    from slspack.model import LockedDistribution

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


def nobody_builds(task: BuildTask, choice: BuilderChoice, compiles: str | None) -> SlspackError:
    """The error (SLS0511) where no builder that is allowed is here, or can compile. `compiles` is why it has to."""
    if choice is BuilderChoice.NONE:
        message = f"`{task.label}` would have to be built, and its `builder` is `none`"
        return SlspackError.of(Code.NOBODY_BUILDS, message, hint="allow a builder, or name a wheel of it instead")
    why = f": {compiles}" if compiles else ""
    return MachineError.of(
        Code.NOBODY_BUILDS,
        f"`{task.label}` has to be compiled for {task.target}{why}, and nothing on this machine can do it",
        hint="start Docker, or install the cross-compiler (`pip install 'slspack[cross]'`)",
    )


def without_extensions(task: BuildTask, compiles: str) -> Finding:
    """The warning (SLS0517) that extensions were left out."""
    return Finding(
        Code.WITHOUT_EXTENSIONS,
        Severity.WARNING,
        f"`{task.label}` was built without a compiler, for nothing here has one, though {compiles}",
        None,
        "it may be slower than it could be, or lack something: start Docker, or install the cross-compiler "
        "(`pip install 'slspack[cross]'`), and build again after `slspack cache clear`",
    )


def another_now(one: LockedDistribution) -> Finding:
    """The error (SLS0515) where a wheel that is gone cannot be made again."""
    return Finding(
        Code.NOT_REPRODUCIBLE,
        Severity.ERROR,
        f"the wheel of `{one.name}` {one.version} is no longer in the store, and building it again gave another one",
        None,
        "remove `.slspack/state.db`, so that the new one is taken",
    )


def not_reproducible(record: BuildRecord) -> Finding:
    """The warning (SLS0515) where a second build gave another wheel."""
    return Finding(
        Code.NOT_REPRODUCIBLE,
        Severity.WARNING,
        f"`{record.name}` {record.version} was built again of the same source, and the wheel is another one",
        None,
        "its own build is not reproducible; commit a lock file and keep the store, or publish a wheel of it",
    )

"""Processes of a build: all that they print goes to a log, and none outlives the build."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from slspack.builds.builder import StoppedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from threading import Event

_PATIENCE = 0.05
"""Seconds between two looks at whether the user has interrupted."""


def run_logged(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path, stop: Event | None = None
) -> int:
    """Run a command to its end, with nothing to read, its output appended to `log`; return its exit status.

    It gets a process group of its own (on POSIX), which is killed whole where the run is interrupted or `stop` is set.

    Raises StoppedError then, and OSError where the command cannot be started.
    """
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=os.name == "posix",
        )
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    return process.wait(_PATIENCE)
                _check(stop)
        except BaseException:
            _kill(process)
            raise


def _check(stop: Event | None) -> None:
    if stop is not None and stop.is_set():
        raise StoppedError


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that nobody has waited for yet, with all of its group."""
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()

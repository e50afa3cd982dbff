"""The user's own command, run after each good build."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import TextIO

    from slspack.watching.events import Built

GRACE = 5.0
"""Seconds that a command has to end by itself once it is asked to."""

LINGER = 1.0
"""Seconds that what it has started has to end after it."""


class AfterBuild(Protocol):
    """What follows a good build."""

    def run(self, event: Built) -> None:
        """A build has changed something."""

    def is_outdated(self) -> bool:
        """Whether it was run with an environment that is another now."""

    def end(self) -> None:
        """Watching is over."""


class Nothing:
    """Nothing follows."""

    def run(self, event: Built) -> None:
        """Do nothing."""

    def is_outdated(self) -> bool:
        """Never."""
        return False

    def end(self) -> None:
        """Do nothing."""


class ShellCommand:
    """Runs a line of shell in the service's folder; never twice at a time: what still runs is ended first.

    So the command may be a server that wants a restart, as well as a script that comes to its end. It is asked to end
    together with all that it has started, and killed after `GRACE` seconds.
    """

    def __init__(
        self,
        line: str,
        folder: Path,
        environment: Mapping[str, str],
        manifest: Path,
        say: Callable[[str], None],
        output: TextIO | None = None,
        plugged: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        """`plugged` gives what plugins add to the environment, as far as it is not set there."""
        self._line = line
        self._folder = folder
        self._environment = environment
        self._manifest = manifest
        self._say = say
        self._output = output
        self._plugged = plugged
        self._given: Mapping[str, str] = {}
        self._running: subprocess.Popen[bytes] | None = None

    def run(self, event: Built) -> None:
        """End the last run, and start a new one with the changed functions in its environment."""
        self.end()
        self._given = self._plugged()
        self._running = subprocess.Popen(  # noqa: S602 (a line of shell is what the user gave)
            self._line,
            shell=True,
            cwd=self._folder,
            env={**self._given, **self._environment, **variables(event, self._manifest)},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            start_new_session=True,
        )
        threading.Thread(target=self._await, args=(self._running,), daemon=True).start()

    def is_outdated(self) -> bool:
        """Whether plugins have other variables for it than it was run with."""
        return self._plugged() != self._given

    def end(self) -> None:
        """End what still runs, and wait until it has ended."""
        running, self._running = self._running, None
        if running is None:
            return
        try:
            _send(running, signal.SIGTERM)
            running.wait(GRACE)
            _linger(running)
        except subprocess.TimeoutExpired:
            pass
        finally:
            # A second Ctrl-C comes here at once.
            _send(running, _KILL)
            running.wait()

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        status = process.wait()
        if status != 0 and self._running is process:
            self._say(f"`{self._line}` ended with status {status}")


def variables(event: Built, manifest: Path) -> dict[str, str]:
    """What the command finds in its environment; names are separated by spaces, which no function's name holds."""
    return {
        "SLSPACK_BUILD": str(event.number),
        "SLSPACK_CHANGED_FUNCTIONS": " ".join(event.functions),
        "SLSPACK_REMOVED_FUNCTIONS": " ".join(event.removed),
        "SLSPACK_MANIFEST": str(manifest),
        "SLSPACK_OUTPUT": str(manifest.parent),
    }


_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


def _send(process: subprocess.Popen[bytes], number: int) -> bool:
    """Signal a process and its group; where there are no groups, the process. Whether there was anything to signal."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _linger(process: subprocess.Popen[bytes]) -> None:
    """Wait until the rest of a process's group has ended, which nobody tells."""
    ends = time.monotonic() + LINGER
    while hasattr(os, "killpg") and _send(process, 0) and time.monotonic() < ends:
        time.sleep(0.01)

"""Runs one command and measures all that it starts: wall seconds, CPU seconds, peak memory."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PROC = Path("/proc")
_SHORTEST_PAUSE = 0.02


class Outcome(Enum):
    """How a measured command ended."""

    DONE = "done"
    FAILED = "failed"
    TIMED_OUT = "timed out"


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run took.

    `cpu_seconds` is user and system time of the process and of every descendant that was waited for. `peak_bytes` is
    the highest sum over the process tree that was seen (proportional set size, so that shared pages count once), or the
    largest resident set of any one of its processes where that is higher; None where the system tells neither.
    """

    outcome: Outcome
    seconds: float
    cpu_seconds: float
    peak_bytes: int | None


def run_measured(command: Sequence[str], cwd: Path, environment: Mapping[str, str], log: Path, timeout: float) -> Usage:
    """Run `command` to its end or for `timeout` seconds; what it prints goes to `log`."""
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        sampler = _Sampler(process.pid)
        sampler.start()
        deadline = threading.Timer(timeout, _end, (process,))
        deadline.start()
        try:
            status, cpu_seconds, largest = _wait(process)
            seconds = time.perf_counter() - start
        finally:
            deadline.cancel()
            sampler.stop()
            _end(process)
    outcome = Outcome.TIMED_OUT if seconds >= timeout else Outcome.DONE if status == 0 else Outcome.FAILED
    seen = [size for size in (sampler.peak, largest) if size is not None]
    return Usage(outcome, seconds, cpu_seconds, max(seen, default=None))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop the command and its children, if it still runs: at its deadline, or when the user interrupts."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, float, int | None]:
    """The exit status, the CPU seconds of the process with its descendants, the size of the largest of them."""
    if not hasattr(os, "wait4"):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        status = process.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return status, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, None
    _, raw, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(raw)
    # Linux counts what this process held when it started the other one: below that nothing is known.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    largest = used.ru_maxrss * unit if used.ru_maxrss > own else None
    return process.returncode, used.ru_utime + used.ru_stime, largest


class _Sampler(threading.Thread):
    """Looks at a process tree from time to time; the pauses grow with what a look costs."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.peak: int | None = None
        self._root = root
        self._over = threading.Event()

    def run(self) -> None:
        pause = 0.0
        while not self._over.wait(pause):
            start = time.perf_counter()
            size = tree_bytes(self._root)
            if size is None:
                return
            self.peak = max(self.peak or 0, size)
            pause = max(_SHORTEST_PAUSE, 15 * (time.perf_counter() - start))

    def stop(self) -> None:
        self._over.set()
        self.join()


def tree_bytes(root: int) -> int | None:
    """The memory of a process and its descendants, now; None where it can't be known."""
    if not (_PROC / "self" / "smaps_rollup").exists():
        return None
    return sum(_proportional_bytes(pid) for pid in _descendants(root))


def _descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text()
            except OSError:
                continue
            children.setdefault(int(status.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    tree = [root]
    for pid in tree:
        tree.extend(children.get(pid, ()))
    return tree


def _proportional_bytes(pid: int) -> int:
    try:
        text = (_PROC / str(pid) / "smaps_rollup").read_text()
    except OSError:  # the process has ended since it was listed
        return 0
    for line in text.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0

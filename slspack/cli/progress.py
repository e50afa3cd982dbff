"""Progress on a terminal, shown only once a build has taken half a second."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from slspack.progress import STAGE_WORDS, Progress, Silence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from slspack.cli.options import OutputValues
    from slspack.model import Finding

PATIENCE = 0.5
"""Seconds before anything is shown."""


@contextmanager
def shown_progress(stream: TextIO, *, quiet: bool) -> Iterator[Progress]:
    """A listener that draws one line on a terminal; in a pipe, or if `quiet`, one that says nothing."""
    if quiet or not stream.isatty():
        yield Silence()
        return
    line = _Line(stream)
    try:
        yield line
    finally:
        line.close()


def print_result(findings: Iterable[Finding], values: OutputValues) -> None:
    """Print what a command found on standard error; with `-q` nothing."""
    if not values["quiet"]:
        from slspack.report import print_findings

        print_findings(findings, sys.stderr)


class _Line:
    """One line: a spinner with the stage, and a bar once bytes are on their way."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage = "starting"
        self._transfer: tuple[int, int] | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._draw, daemon=True)
        self._thread.start()

    def stage(self, name: str) -> None:
        """Show this stage's words."""
        self._stage = STAGE_WORDS.get(name, name)
        self._transfer = None

    def transfer(self, done: int, total: int) -> None:
        """Show how much has arrived."""
        self._transfer = (done, total)

    def close(self) -> None:
        """Take the line away."""
        self._done.set()
        self._thread.join()

    def _draw(self) -> None:
        if self._done.wait(PATIENCE):
            return
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn

        plain = (SpinnerColumn(), TextColumn("{task.description}"))
        with Progress(*plain, console=Console(file=self._stream), transient=True) as spinner:
            task = spinner.add_task(self._stage, total=None)
            bar_shown = False
            while not self._done.wait(0.1):
                transfer = self._transfer
                if transfer is not None and not bar_shown:
                    spinner.columns = (*plain, BarColumn(), DownloadColumn())
                    bar_shown = True
                done, total = transfer or (0, None)
                words = "downloading wheels" if transfer and done < transfer[1] else self._stage
                spinner.update(task, description=words, completed=done, total=total)

"""Watching: build, wait for a change, build again."""

from __future__ import annotations

import os
import shutil
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Finding, Severity
from slspack.watching.restart import OvertakenError
from slspack.watching.state import State, fail, overtaken, start, succeed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from slspack.watching.command import AfterBuild
    from slspack.watching.listeners import Listener
    from slspack.watching.rebuilder import Rebuilder
    from slspack.watching.restart import RestartPoints
    from slspack.watching.stream import Burst, ChangeStream


class Session:
    """One run of `slspack watch`."""

    def __init__(
        self,
        rebuilder: Rebuilder,
        stream: ChangeStream,
        listener: Listener,
        after: AfterBuild,
        points: RestartPoints,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._rebuilder = rebuilder
        self._stream = stream
        self._listener = listener
        self._after = after
        self._points = points
        self._clock = clock
        self._state = State()

    def run(self) -> None:
        """Build, and build again after every change, until the stream ends. Raises KeyboardInterrupt on Ctrl-C."""
        try:
            self._build(None)
            while (burst := self._stream.next()) is not None:
                self._build(burst)
        finally:
            self._stream.close()
            self._after.end()

    def _build(self, burst: Burst | None) -> None:
        self._state, started = start(self._state, burst)
        self._listener.hear(started)
        may_restart = self._state.may_restart
        began = self._clock()
        try:
            with self._points.armed(self._stream.pending if may_restart else _never):
                result = self._rebuilder.build(self._state.changed)
        except OvertakenError:
            self._state = overtaken(self._state)
            self._follow(())
        except Exception as error:
            self._follow(_findings(error))
            if may_restart and self._stream.pending():
                # It may well have failed for being overtaken: a file was half saved, or gone.
                self._state = overtaken(self._state)
                return
            self._state, failed = fail(self._state, _findings(error), self._clock() - began)
            self._listener.hear(failed)
        else:
            self._follow(())
            self._state, built = succeed(self._state, result, self._clock() - began)
            for artifact in built.stale:
                _remove(self._rebuilder.inputs().root / artifact)
            self._listener.hear(built)
            if built.first or built.rebuilt or built.removed or self._after.is_outdated():
                self._after.run(built)

    def _follow(self, findings: Iterable[Finding]) -> None:
        """Watch what the build depended on, and the files that it could not get past."""
        inputs = self._rebuilder.inputs()
        named = {inputs.root / finding.at.path for finding in findings if finding.at is not None}
        files = frozenset(Path(os.path.normpath(path)) for path in named)
        self._stream.follow(replace(inputs, files=inputs.files | files) if files else inputs)


def _never() -> bool:
    return False


def _findings(error: Exception) -> tuple[Finding, ...]:
    if isinstance(error, SlspackError):
        return error.findings
    where = traceback.extract_tb(error.__traceback__)[-1]
    message = f"slspack itself failed: {type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
    hint = "report this, with what `slspack build --debug` prints"
    return (Finding(Code.INTERNAL, Severity.ERROR, message, hint=hint),)


def _remove(path: Path) -> None:
    """Take away an artifact that no function has any more; somebody else may have done so."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)

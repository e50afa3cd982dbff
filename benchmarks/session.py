"""One tool on one service, through the phases."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.inspection import ask_handlers, digests_of, sizes_of
from benchmarks.measure import Outcome, Usage, run_measured
from benchmarks.results import Measurement, Phase
from benchmarks.services import State, write_changes
from benchmarks.tools.base import Site, target_interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.services import BenchService
    from benchmarks.tools.base import Tool

# A phase is repeated until it has taken this long, at most this many times.
_ENOUGH_SECONDS = 10.0
_MOST_ROUNDS = 7


@dataclass
class Session:
    """A service's copy with its tool, between two builds: what it holds, and what the last full build gave."""

    tool: Tool
    service: BenchService
    site: Site
    version: str
    timeout: float
    state: State = field(default_factory=State)
    _written: dict[str, str] = field(default_factory=dict)
    _from_nothing: dict[str, str] | None = None

    def measure(self, phases: Sequence[Phase]) -> Iterator[Measurement]:
        """Measure the phases in their order; after one that has failed nothing more is tried."""
        self._begin()
        if phases and phases[0] is not Phase.COLD:
            self._begin_from_nothing()
        for phase in (phase for phase in Phase if phase in phases):
            measurement = self._measure(phase)
            yield measurement
            if measurement.outcome is not Outcome.DONE:
                return

    def _begin(self) -> None:
        shutil.rmtree(self.site.root, ignore_errors=True)
        self.site.root.mkdir(parents=True)
        self._write(State())
        self.tool.prepare(self.site)

    def _begin_from_nothing(self) -> None:
        """Build, unmeasured, what the first phase starts from."""
        if self._build().outcome is Outcome.DONE:
            self._from_nothing = digests_of(self.tool.artifacts(self.service, self.site))

    def _write(self, state: State) -> None:
        files = {**self.service.files(state), **self.tool.files(self.service, state)}
        write_changes(self.site.root, self._written, files)
        self._written = files
        self.state = state

    def _measure(self, phase: Phase) -> Measurement:
        usages: list[Usage] = []
        while not usages or _worth_repeating(usages):
            self._change(phase)
            usages.append(self._build())
        return self._measurement(phase, usages)

    def _change(self, phase: Phase) -> None:
        """Bring about what the phase is named for."""
        if phase is Phase.COLD:
            self._forget_downloads()
        if phase in (Phase.COLD, Phase.WARM):
            self._forget_output()
        elif phase is Phase.HANDLER:
            self._write(dataclasses.replace(self.state, handler_revision=self.state.handler_revision + 1))
        elif phase is Phase.SHARED:
            self._write(dataclasses.replace(self.state, shared_revision=self.state.shared_revision + 1))
        elif phase is Phase.BUMP:
            self._go_back()
            self._write(dataclasses.replace(self.state, bumped=True))
        self.site.caches.mkdir(parents=True, exist_ok=True)

    def _go_back(self) -> None:
        """Before a version is raised again, build from nothing with the lower one: the higher has to be downloaded."""
        if self.state.bumped:
            self._forget_downloads()
            self._forget_output()
            self._write(dataclasses.replace(self.state, bumped=False))
            self.site.caches.mkdir(parents=True, exist_ok=True)
            self._build()

    def _forget_downloads(self) -> None:
        shutil.rmtree(self.site.caches, ignore_errors=True)

    def _forget_output(self) -> None:
        for output in self.tool.outputs:
            shutil.rmtree(self.site.root / output, ignore_errors=True)

    def _build(self) -> Usage:
        command, environment = self.tool.command(self.site), self.tool.environment(self.site)
        return run_measured(command, self.site.root, environment, self._log, self.timeout)

    @property
    def _log(self) -> Path:
        return self.site.root.with_suffix(".log")

    def _measurement(self, phase: Phase, usages: Sequence[Usage]) -> Measurement:
        last = usages[-1]
        peaks = [usage.peak_bytes for usage in usages if usage.peak_bytes is not None]
        measurement = Measurement(
            tool=self.tool.name,
            service=self.service.name,
            phase=phase,
            outcome=last.outcome,
            version=self.version,
            date=dt.datetime.now(dt.UTC).date().isoformat(),
            functions=len(self.service.functions),
            rounds=len(usages),
            seconds=round(statistics.median(usage.seconds for usage in usages), 4),
            cpu_seconds=round(statistics.median(usage.cpu_seconds for usage in usages), 3),
            peak_bytes=max(peaks, default=None),
        )
        if last.outcome is not Outcome.DONE:
            return dataclasses.replace(measurement, note=self._why())
        return self._inspected(measurement)

    def _inspected(self, measurement: Measurement) -> Measurement:
        artifacts = self.tool.artifacts(self.service, self.site)
        sizes = sizes_of(artifacts)
        answers = ask_handlers(self.service, self.state, artifacts, target_interpreter())
        identical = None
        if measurement.phase in (Phase.COLD, Phase.WARM):
            digests = digests_of(artifacts)
            identical = None if self._from_nothing is None else digests == self._from_nothing
            self._from_nothing = digests
        return dataclasses.replace(
            measurement,
            zipped_bytes=sizes.zipped,
            unzipped_bytes=sizes.unzipped,
            identical=identical,
            asked=answers.asked,
            right=answers.right,
            note=self._without_paths(answers.wrong),
        )

    def _why(self) -> str:
        """The last line that the tool has printed."""
        lines = [line for line in self._log.read_text("utf-8", "replace").splitlines() if line.strip()]
        return self._without_paths(lines[-1].strip() if lines else "")

    def _without_paths(self, text: str) -> str:
        for folder in (self.site.root, self.site.caches, self.site.home):
            text = text.replace(f"{folder}/", "").replace(str(folder), ".")
        return text[:200]


def _worth_repeating(usages: Sequence[Usage]) -> bool:
    if usages[-1].outcome is not Outcome.DONE or len(usages) >= _MOST_ROUNDS:
        return False
    return sum(usage.seconds for usage in usages) < _ENOUGH_SECONDS

"""Watching without a file system, and the real command in a process of its own."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.model import Digest
from slspack.progress import Silence
from slspack.report.manifest import Manifest
from slspack.report.records import ExcludedRecord, FunctionRecord, ManifestRecord
from slspack.request import BuildResult
from slspack.watching import WatchedInputs
from slspack.watching.restart import RestartPoints
from slspack.watching.session import Session
from slspack.watching.stream import Burst

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from slspack.model import Finding
    from slspack.watching.events import Built
    from slspack.watching.listeners import Event

ROOT = Path(Path.cwd().anchor) / "service"
PATIENCE = 120
"""Seconds after which a process that tells nothing is killed, so that a test fails instead of hanging."""


def digest(text: str) -> Digest:
    """The sha256 of a text."""
    return Digest(hashlib.sha256(text.encode()).hexdigest())


def result(contents: Mapping[str, str], findings: Sequence[Finding] = (), cached: Sequence[str] = ()) -> BuildResult:
    """What a build of these functions gives, each named with a text that stands for its content."""
    record = ManifestRecord(
        schema="",
        slspack="",
        service="",
        stage="",
        functions={name: function(name, content, cached=name in cached) for name, content in contents.items()},
        layers={},
        warnings=[],
        timings={},
    )
    return BuildResult(Manifest(record), tuple(findings), {})


def function(name: str, content: str, *, cached: bool) -> FunctionRecord:
    """What the manifest says of a function."""
    return FunctionRecord(
        artifact=f"out/{name}.zip",
        sha256=digest(content),
        bytes=1,
        unzipped_bytes=1,
        entries=1,
        fingerprint=digest(content),
        handler="",
        runtime="",
        architecture="",
        modules=[],
        distributions=[],
        excluded=ExcludedRecord(files=0, bytes=0),
        image=None,
        cached=cached,
        layers=[],
    )


Outcome = BuildResult | Exception


class FakeStream:
    """Gives the bursts that it was given, then ends; answers from `overtaking` whether something is pending."""

    def __init__(self, *bursts: Burst, overtaking: Sequence[bool] = ()) -> None:
        self._bursts = list(bursts)
        self._overtaking = list(overtaking)
        self.followed: list[WatchedInputs] = []
        self.closed = False

    def follow(self, inputs: WatchedInputs) -> None:
        """Remember."""
        self.followed.append(inputs)

    def next(self) -> Burst | None:
        """The next burst."""
        return self._bursts.pop(0) if self._bursts else None

    def pending(self) -> bool:
        """Whether the build that asks is overtaken."""
        return self._overtaking.pop(0) if self._overtaking else False

    def close(self) -> None:
        """Remember."""
        self.closed = True


class FakeRebuilder:
    """Has the outcomes that it was given, and passes the stages of a build on the way."""

    def __init__(self, points: RestartPoints, *outcomes: Outcome, stages: Sequence[str] = ("load", "plan", "bundle")):
        self._points = points
        self._outcomes = list(outcomes)
        self._stages = stages
        self.changed: list[frozenset[Path] | None] = []

    def build(self, changed: frozenset[Path] | None) -> BuildResult:
        """The next outcome."""
        self.changed.append(changed)
        for stage in self._stages:
            self._points.stage(stage)
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def inputs(self) -> WatchedInputs:
        """Nothing but the root."""
        return WatchedInputs(ROOT)


@dataclass
class Heard:
    """What a session told, and what it ran."""

    events: list[Event] = field(default_factory=list)
    ran: list[Built] = field(default_factory=list)
    ended: bool = False
    outdated: bool = False

    def hear(self, event: Event) -> None:
        """Remember."""
        self.events.append(event)

    def say(self, line: str) -> None:
        """Nobody says anything here."""
        raise AssertionError(line)

    def run(self, event: Built) -> None:
        """Remember."""
        self.ran.append(event)

    def is_outdated(self) -> bool:
        """As the test says."""
        return self.outdated

    def end(self) -> None:
        """Remember."""
        self.ended = True

    def kinds(self) -> list[str]:
        """The kinds of the events, in order."""
        return [type(event).__name__ for event in self.events]


def watch(stream: FakeStream, *outcomes: Outcome, outdated: bool = False) -> tuple[Heard, FakeRebuilder]:
    """A whole session with these outcomes of its builds."""
    heard = Heard(outdated=outdated)
    points = RestartPoints(Silence(), pause=0)
    rebuilder = FakeRebuilder(points, *outcomes)
    Session(rebuilder, stream, heard, heard, points, clock=lambda: 0.0).run()
    return heard, rebuilder


def burst(*names: str, missing: Sequence[str] = (), complete: bool = True) -> Burst:
    """A burst of files of the service."""
    gone = frozenset(ROOT / name for name in missing)
    return Burst(frozenset(ROOT / name for name in names) | gone, gone, complete)


JsonEvent = dict[str, object]


class Watching:
    """`slspack watch --json` on a real service, read event by event."""

    def __init__(self, service: Path, scratch: Path, *arguments: str, **variables: str) -> None:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_", "SLSPACK_"))},
            "SLSPACK_CACHE_DIR": str(scratch / "store"),
            "PYTHONPATH": str(Path(__file__).parents[2]),
            **variables,
        }
        self.errors = scratch / "stderr"
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "slspack", "watch", "--json", "-C", str(service), *arguments],
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                cwd=service,
            )
        self._watchdog = threading.Timer(PATIENCE, self.process.kill)
        self._watchdog.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._watchdog.cancel()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()

    def next(self) -> JsonEvent:
        """The next event."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, f"the process has ended: {self.errors.read_text('utf-8')}"
        event: JsonEvent = json.loads(line)
        return event

    def until(self, wanted: Callable[[JsonEvent], bool]) -> JsonEvent:
        """The next event that is wanted; those before it are read over."""
        while not wanted(event := self.next()):
            pass
        return event

    def until_each_of(self, *names: str) -> None:
        """Read until each of these functions was rebuilt, in one build or several."""
        left = set(names)
        while left:
            left -= set(functions(self.until(lambda event: event["event"] == "built")))

    def end(self, number: int = signal.SIGINT) -> int:
        """Ask it to end; its exit status."""
        self.process.send_signal(number)
        return self.process.wait()


def rebuilt(*names: str) -> Callable[[JsonEvent], bool]:
    """Whether an event is of a good build after which exactly these functions differ."""
    return lambda event: event["event"] == "built" and functions(event) == sorted(names)


def failed(event: JsonEvent) -> bool:
    """Whether it is of a build that failed."""
    return event["event"] == "failed"


def functions(event: JsonEvent) -> list[str]:
    """The names of the functions that differ after a good build."""
    listed = event["functions"]
    assert isinstance(listed, list)
    return sorted(one["name"] for one in listed)

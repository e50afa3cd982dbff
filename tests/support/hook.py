"""`slspack hook serverless`, asked as the plugin asks it."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slspack.cli import run
from tests.support.bench import REPOSITORY, environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.support.bench import Bench

Event = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What the hook told, and how it ended."""

    status: int
    events: Sequence[Event]
    err: str

    def all_of(self, kind: str) -> list[Event]:
        """The events of a kind."""
        return [event for event in self.events if event["event"] == kind]

    @property
    def answer(self) -> Event:
        """The answer of a call that went well."""
        assert self.status == 0, self.events
        assert self.events[-1]["event"] == "done"
        return self.events[-1]

    @property
    def errors(self) -> list[Event]:
        """The errors of a call that failed."""
        assert self.status != 0
        (failed,) = self.all_of("failed")
        errors: list[Event] = failed["errors"]
        return errors


def request(bench: Bench, action: str, service: Mapping[str, object], **more: object) -> Event:
    """A request of the plugin's."""
    return {
        "protocol": 1,
        "plugin": "0.0.0",
        "action": action,
        "servicePath": str(bench.root),
        "configurationFile": "serverless.yml",
        "stage": "dev",
        "service": service,
        **more,
    }


def ask(bench: Bench, document: object, *arguments: str) -> Told:
    """Ask the hook, in this process."""
    text = document if isinstance(document, str) else json.dumps(document) + "\n"
    out, err = io.TextIOWrapper(io.BytesIO(), "ascii"), io.StringIO()
    stdin, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(text.encode()), "ascii")
    try:
        with environment(bench.variables), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run(["hook", "serverless", *arguments])
    finally:
        sys.stdin = stdin
    out.seek(0)
    return Told(status, [json.loads(line) for line in out], err.getvalue())


@contextlib.contextmanager
def watching(bench: Bench, document: object) -> Iterator[tuple[subprocess.Popen[str], Iterator[Event]]]:
    """A process of the hook that watches, and its events; what still runs of it in the end is killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "slspack", "hook", "serverless"],
        env=bench.variables | {"PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(json.dumps(document) + "\n")
        process.stdin.flush()
        yield process, map(json.loads, process.stdout)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()

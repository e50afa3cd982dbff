"""Measurements, kept in a JSON file so that what is measured again replaces only itself."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypedDict, cast

from benchmarks.measure import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SCHEMA = "slspack-benchmarks/1"


class Phase(Enum):
    """What is done between one build and the next, in the order in which it is done."""

    COLD = "cold"
    WARM = "warm downloads"
    NOTHING = "nothing changed"
    HANDLER = "handler edited"
    SHARED = "shared module edited"
    BUMP = "requirement bumped"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One tool, service and phase: the median of `rounds` builds. Bytes are sums over the service's functions.

    `identical` tells whether two builds from nothing of the same sources gave the same bytes; None where only one was
    made. `note` says in a few words what went wrong.
    """

    tool: str
    service: str
    phase: Phase
    outcome: Outcome
    version: str
    date: str
    functions: int
    rounds: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int | None = None
    zipped_bytes: int | None = None
    unzipped_bytes: int | None = None
    identical: bool | None = None
    asked: int = 0
    right: int = 0
    note: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What a newer measurement replaces."""
        return self.tool, self.service, self.phase.value

    @property
    def is_right(self) -> bool:
        """The build was done, and every handler that was asked gave the right answer."""
        return self.outcome is Outcome.DONE and self.right == self.asked


@dataclass(frozen=True, slots=True)
class Results:
    """All measurements of one machine, which is described without naming it."""

    machine: str
    measurements: tuple[Measurement, ...] = ()

    def merged(self, newer: Iterable[Measurement]) -> Results:
        """These with the newer ones in the place of their elders."""
        merged = {measurement.key: measurement for measurement in (*self.measurements, *newer)}
        return dataclasses.replace(self, machine=describe_machine(), measurements=tuple(merged.values()))

    def find(self, tool: str, service: str, phase: Phase) -> Measurement | None:
        """The measurement of one tool, service and phase, if there is one."""
        key = (tool, service, phase.value)
        return next((measurement for measurement in self.measurements if measurement.key == key), None)


class _Document(TypedDict):
    schema: str
    machine: str
    measurements: list[dict[str, object]]


def read_results(path: Path) -> Results:
    """The results in a file; none where there is no file. Raises ValueError for a file of another kind."""
    if not path.exists():
        return Results(describe_machine())
    document = cast("_Document", json.loads(path.read_text("utf-8")))
    if document.get("schema") != SCHEMA:
        raise ValueError(f"`{path.name}` is no {SCHEMA}")
    return Results(document["machine"], tuple(_measurement(row) for row in document["measurements"]))


def write_results(results: Results, path: Path) -> None:
    """Write a file that `read_results` reads."""
    rows = [
        {**dataclasses.asdict(row), "phase": row.phase.value, "outcome": row.outcome.value}
        for row in sorted(results.measurements, key=lambda row: (row.service, row.tool, list(Phase).index(row.phase)))
    ]
    document = {"schema": SCHEMA, "machine": results.machine, "measurements": rows}
    path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def _measurement(row: dict[str, object]) -> Measurement:
    values = {**row, "phase": Phase(row["phase"]), "outcome": Outcome(row["outcome"])}
    return Measurement(**values)  # type: ignore[arg-type]  # the file is our own, and its schema was checked


def describe_machine() -> str:
    """Cores, memory and system: what explains a number, and nothing that tells one machine from its sisters."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        size = f"{round(memory / 2**30)} GiB of memory"
    except (AttributeError, ValueError):
        size = "unknown memory"
    try:
        system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        system = platform.system()
    return f"{os.cpu_count()} cores, {size}, {system}, {platform.machine()}, CPython {platform.python_version()}"

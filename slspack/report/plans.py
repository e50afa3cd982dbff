"""Plans as JSON (schema `slspack-plan/1`) and as lines for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypedDict

from slspack.bundle.content import digest_of, size_of
from slspack.model import FileSource
from slspack.report.table import human_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TextIO

    from slspack.model import Entry, Plan, PlannedLayer, Service, WheelPart

SCHEMA = "slspack-plan/1"


class EntryRecord(TypedDict):
    """A first-party or generated file of an artifact; `source` is null for one that is not the service's."""

    name: str
    mode: str
    source: str | None
    sha256: str
    bytes: int
    reason: str


class WheelRecord(TypedDict):
    """A wheel's part of an artifact; `without` names its files that another part holds already."""

    name: str
    version: str
    wheel: str
    sha256: str
    entries: int
    bytes: int
    without: list[str]


class PlanRecord(TypedDict):
    """One artifact. `nested` are wheels in an archive inside it; a layer that is a folder has no runtime."""

    fingerprint: str
    functions: list[str]
    runtime: str | None
    architecture: str | None
    entries: int
    unzipped_bytes: int
    files: list[EntryRecord]
    wheels: list[WheelRecord]
    nested: list[WheelRecord]


def plans_to_json(service: Service, plans: Mapping[str, Plan], layers: Iterable[PlannedLayer] = ()) -> str:
    """The plans of a service as JSON text with a final newline: the same text on every machine."""
    record = {
        "schema": SCHEMA,
        "service": service.name,
        "stage": service.stage,
        "artifacts": {name: _plan_record(plan) for name, plan in plans.items()},
        "layers": {layer.name: {**_plan_record(layer.plan), "functions": [*layer.functions]} for layer in layers},
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def print_plans(plans: Mapping[str, Plan], stream: TextIO) -> None:
    """Print each artifact with its parts, the largest wheel first."""
    for name, plan in plans.items():
        print(
            f"{name}  {plan.target or 'folder'}  {human_size(plan.unzipped_bytes)} unzipped  {plan.fingerprint[:16]}",
            file=stream,
        )
        for part in sorted(plan.all_wheels, key=lambda part: (-part.unzipped_bytes, part.distribution.name)):
            wheel = f"{part.distribution.name} {part.distribution.version}"
            print(f"  {wheel:<40} {part.entries:>6} files  {human_size(part.unzipped_bytes):>8}", file=stream)
        for entry in plan.entries:
            print(f"  {entry.name}", file=stream)


def _plan_record(plan: Plan) -> PlanRecord:
    return PlanRecord(
        fingerprint=plan.fingerprint,
        functions=list(plan.functions),
        runtime=plan.target.runtime if plan.target else None,
        architecture=plan.target.architecture.value if plan.target else None,
        entries=len(plan.entries) + (sum(part.entries for part in plan.wheels)) + bool(plan.nested),
        unzipped_bytes=plan.unzipped_bytes,
        files=[_entry_record(entry) for entry in plan.entries],
        wheels=[_wheel_record(part) for part in plan.wheels],
        nested=[_wheel_record(part) for part in plan.nested],
    )


def _entry_record(entry: Entry) -> EntryRecord:
    source = entry.source
    return EntryRecord(
        name=entry.name,
        mode="0755" if entry.executable else "0644",
        source=source.path if isinstance(source, FileSource) else None,
        sha256=digest_of(entry),
        bytes=size_of(entry),
        reason=entry.reason,
    )


def _wheel_record(part: WheelPart) -> WheelRecord:
    return WheelRecord(
        name=part.distribution.name,
        version=part.distribution.version,
        wheel=part.distribution.wheel.filename,
        sha256=part.distribution.wheel.sha256,
        entries=part.entries,
        bytes=part.unzipped_bytes,
        without=list(part.without),
    )

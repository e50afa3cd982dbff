"""Why an artifact was or was not written again: the difference between two plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from slspack.keys import digest_bytes, key_of
from slspack.model import GeneratedSource, Selection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.model import Artifact, Entry, Plan, WheelPart


class Reasons(Mapping[str, tuple[str, ...]]):
    """The reasons of each artifact, by its name: hardly anybody asks for them. `before` are plans of the last build."""

    def __init__(self, before: Mapping[str, Plan], artifacts: Mapping[str, Artifact]) -> None:
        self._before = before
        self._artifacts = artifacts

    def __getitem__(self, name: str) -> tuple[str, ...]:
        artifact = self._artifacts[name]
        return reasons(self._before.get(name), artifact.plan, kept=artifact.cached)

    def __iter__(self) -> Iterator[str]:
        return iter(self._artifacts)

    def __len__(self) -> int:
        return len(self._artifacts)


def reasons(before: Plan | None, after: Plan, *, kept: bool) -> tuple[str, ...]:
    """What of an artifact's key changed, a line each; what `--explain-cache` prints."""
    if kept:
        return (f"unchanged: its key is {after.fingerprint[:12]} as before",)
    if before is None:
        return ("nothing is known of an earlier build",)
    if before.fingerprint == after.fingerprint:
        return (f"its key is {after.fingerprint[:12]} as before, but the file is missing or was altered",)
    changed = [
        *_differences(_files(before), _files(after), "file"),
        *_differences(_wheels(before), _wheels(after), "distribution"),
    ]
    return tuple(changed) or ("another version of slspack or of its compressor wrote it",)


def _differences(before: Mapping[str, str], after: Mapping[str, str], what: str) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None:
            yield f"new {what} `{name}` ({new})"
        elif new is None:
            yield f"{what} `{name}` ({old}) is gone"
        elif old != new:
            yield f"{what} `{name}` changed: {old} → {new}"


def _files(plan: Plan) -> Mapping[str, str]:
    return {entry.name: f"{_content(entry)}{' executable' if entry.executable else ''}" for entry in plan.entries}


def _content(entry: Entry) -> str:
    return _generated(entry.source) if isinstance(entry.source, GeneratedSource) else entry.source.sha256[:12]


def _generated(source: GeneratedSource) -> str:
    return f"generated {digest_bytes(source.content)[:12]}"


def _wheels(plan: Plan) -> Mapping[str, str]:
    return {part.distribution.name: " ".join(_described(part)) for part in plan.all_wheels}


def _described(part: WheelPart) -> Iterator[str]:
    yield f"{part.distribution.version} {part.distribution.wheel.sha256[:12]}"
    if part.selection != Selection():
        yield f"selected as {key_of('selection', part.selection)[:12]}"
    if part.without:
        yield f"without {len(part.without)} files"
    if part.transform:
        yield f"transformed as {part.transform[:12]}"

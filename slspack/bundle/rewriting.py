"""A zip written anew where only the content of some files changed: all else is taken from the one that is there."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from slspack.bundle.copying import write_all
from slspack.bundle.output import replacing
from slspack.bundle.ziprecords import (
    LIMIT_32,
    OFFSET_FIELD,
    OFFSET_FIELD_AT,
    central_record,
    central_record_size,
    end_records,
    local_header,
    read_end,
)
from slspack.frozen import dataclass
from slspack.model import Artifact, Digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slspack.bundle.zipwriter import PackedFiles
    from slspack.memory import WrittenFile
    from slspack.model import Entry, Plan

_MOST = 4 << 20
"""Bytes of an artifact up to which this is quicker than joining segments, which the kernel copies."""


@dataclass(frozen=True, slots=True)
class Rewriting:
    """An artifact that holds what `plan` wants already, but for the content of some of its own files."""

    plan: Plan
    destination: Path
    last: str
    """The sha256 of what is there."""
    changed: tuple[int, ...]
    """The places of those files among the plan's entries, in order."""

    def write(self, files: PackedFiles) -> Artifact | None:
        """Write the artifact: the bytes that `write_zip` gives, since what is taken over is held against its hash.

        None, and nothing is done, where the file is no longer what it was. Raises as `write_zip` does; the previous
        artifact then stays.
        """
        try:
            content = self.destination.read_bytes()
        except OSError:
            return None
        records = _OwnRecords.of(content, self.plan)
        if records is None:
            return None
        head = memoryview(content)[: records.offsets[self.changed[0]]]
        digest = hashlib.sha256(head)
        whole = digest.copy()
        whole.update(memoryview(content)[len(head) :])
        if whole.hexdigest() != self.last:
            return None
        rest = b"".join(self._rest(content, records, files))
        digest.update(rest)
        size = len(head) + len(rest)
        with replacing(self.destination, size) as output:
            write_all(output, head)
            write_all(output, rest)
        return Artifact(self.plan, self.destination.absolute(), Digest(digest.hexdigest()), size, cached=False)

    def _rest(
        self, content: bytes, records: _OwnRecords, files: PackedFiles
    ) -> Iterator[bytes | bytearray | memoryview]:
        """The archive from the first changed file on."""
        view, offsets, places = memoryview(content), records.offsets, records.places
        central = bytearray(view[places[0] : places[-1]])
        at, shift, changed = offsets[self.changed[0]], 0, frozenset(self.changed)
        for index in range(self.changed[0], len(self.plan.entries)):
            record, offset = places[index] - places[0], offsets[index] + shift
            if index not in changed:
                OFFSET_FIELD.pack_into(central, record + OFFSET_FIELD_AT, offset)
                continue
            entry = self.plan.entries[index]
            packed = files.of(entry)
            headers = packed.entry(entry.name, executable=entry.executable)
            local = local_header(headers)
            central[record : places[index + 1] - places[0]] = central_record(headers, offset)
            yield from (view[at : offsets[index]], local, packed.data)
            at = offsets[index + 1]
            shift = offset + len(local) + len(packed.data) - at
        start = offsets[-1]
        yield from (view[at:start], view[start : places[0]], central)
        yield end_records(records.count, places[-1] - start, start + shift)


@dataclass(frozen=True, slots=True)
class _OwnRecords:
    """Where a plan's own entries stand in its archive."""

    count: int
    """How many files the whole archive holds."""
    offsets: tuple[int, ...]
    """Where each entry's local header stands, and where the central directory begins."""
    places: tuple[int, ...]
    """Where each entry's central record stands, and where the last one ends."""

    @classmethod
    def of(cls, content: bytes, plan: Plan) -> _OwnRecords | None:
        """None where the content cannot be an archive of the plan's; whether it is, only its hash tells."""
        end = read_end(content)
        if end is None:
            return None
        count, start, stop = end
        sizes = [central_record_size(entry.name) for entry in plan.entries]
        place = stop - sum(sizes)
        if place < start:
            return None
        places = [place]
        for size in sizes:
            places.append(places[-1] + size)
        offsets = [OFFSET_FIELD.unpack_from(content, place + OFFSET_FIELD_AT)[0] for place in places[:-1]]
        return cls(count, (*offsets, start), tuple(places))


def rewriting_of(before: Plan, plan: Plan, last: WrittenFile, destination: Path) -> Rewriting | None:
    """How the artifact of `before`, which is at `destination`, becomes that of `plan`; None where that takes more."""
    if last.fingerprint != before.fingerprint or last.stamp.size > _MOST or plan.finishing or before.finishing:
        return None
    if max(before.unzipped_bytes, plan.unzipped_bytes) >= LIMIT_32:
        return None  # headers may be of the zip64 form, and of other sizes
    changed = _changed(before, plan)
    return Rewriting(plan, destination, last.sha256, changed) if changed else None


def _changed(before: Plan, plan: Plan) -> tuple[int, ...] | None:
    """The places of the entries with other contents, if all else is the same."""
    if (before.wheels, before.nested) != (plan.wheels, plan.nested) or len(before.entries) != len(plan.entries):
        return None
    differing = [
        (index, then, now)
        for index, (then, now) in enumerate(zip(before.entries, plan.entries, strict=True))
        if then is not now and _content(then) != _content(now)
    ]
    return (
        tuple(index for index, _, _ in differing) if all(then.name == now.name for _, then, now in differing) else None
    )


def _content(entry: Entry) -> object:
    return entry.name, entry.executable, entry.source

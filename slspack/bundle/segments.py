"""Segments: the files of one wheel, ready to be appended to any zip, with their part of the central directory.

A segment is one object of the store: the local headers and data of every entry, back to back; the central records of
those entries, with offsets from the segment's start; where each record and each entry begins; and a footer with the
lengths of the parts. Joining segments is copying ranges of bytes and adding one number to each record's offset.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING

from slspack.bundle import ziprecords
from slspack.bundle.deflate import COMPRESSOR
from slspack.bundle.strip import STRIPPER
from slspack.bundle.transforms import NO_TRANSFORMS
from slspack.bundle.ziprecords import OFFSET_FIELD, OFFSET_FIELD_AT, ZipEntry, central_record, read_central_record
from slspack.frozen import dataclass
from slspack.keys import key_of
from slspack.store import Kind
from slspack.wheels.prune import RULES_VERSION

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from io import BufferedWriter
    from pathlib import Path

    from slspack.bundle.transforms import Transforms
    from slspack.model import ArchivePath, Digest, Selection, WheelFacts
    from slspack.store import Store

_FOOTER = struct.Struct("<8s4Q")
_MAGIC = b"slsseg\0\1"


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring entries of a segment: the range of its data, and their central records, offsets from its start."""

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Segment:
    """The ready-to-append bytes of one wheel's entries, sorted by the bytes of their names."""

    path: Path
    central: bytes
    """The central records of all entries, back to back."""
    records: tuple[int, ...]
    """Where each record begins in `central`, and where the last ends."""
    offsets: tuple[int, ...]
    """Where each entry's local header stands in the data, and where the data ends."""
    unzipped_bytes: int

    @property
    def count(self) -> int:
        """How many files it holds."""
        return len(self.offsets) - 1

    @property
    def zipped_bytes(self) -> int:
        """What the segment adds to the size of a zip."""
        return self.offsets[-1] + len(self.central)

    def entries(self) -> Iterator[tuple[ZipEntry, int]]:
        """Each file's headers, and where its data (after the local header) stands in the segment's file."""
        for record, end in zip(self.records, self.offsets[1:], strict=False):
            entry = read_central_record(self.central, record)
            yield entry, end - entry.data_size

    def spans(self, without: Collection[ArchivePath]) -> list[Span]:
        """The segment without some of its files, as the fewest ranges of neighbouring entries."""
        if not without:
            return [self._span(0, self.count)] if self.count else []
        kept = [index for index, (entry, _) in enumerate(self.entries()) if entry.name not in without]
        starts = [index for before, index in pairwise([-2, *kept]) if index != before + 1]
        ends = [index + 1 for index, after in pairwise([*kept, -2]) if after != index + 1]
        return [self._span(first, last) for first, last in zip(starts, ends, strict=True)]

    def central_at(self, span: Span, offset: int) -> bytes:
        """The central records of a span whose data begins at `offset` of the archive."""
        shift = offset - span.start
        if offset + span.end - span.start >= ziprecords.LIMIT_32:
            return b"".join(self._record_at(index, shift) for index in range(span.first, span.last))
        begin = self.records[span.first]
        moved = bytearray(self.central[begin : self.records[span.last]])
        field = OFFSET_FIELD_AT - begin
        put = OFFSET_FIELD.pack_into
        for index in range(span.first, span.last):
            put(moved, self.records[index] + field, self.offsets[index] + shift)
        return bytes(moved)

    def _record_at(self, index: int, shift: int) -> bytes:
        return central_record(read_central_record(self.central, self.records[index]), self.offsets[index] + shift)

    def _span(self, first: int, last: int) -> Span:
        return Span(self.offsets[first], self.offsets[last], first, last)


def segment_for(
    wheel: Path, facts: WheelFacts, selection: Selection, store: Store, transforms: Transforms = NO_TRANSFORMS
) -> Segment:
    """The segment of what is taken of a wheel, transformed: from the store, or made of the wheel's file and kept there.

    Raises SLS0504 if the wheel is malformed (naming the member), SLS0505 if a member climbs out of the root, SLS0603 if
    the store cannot be written.
    """
    known = find_segment(facts.sha256, selection, store, transforms.key)
    if known is not None:
        return known
    from slspack.bundle.members import write_members
    from slspack.bundle.output import reported

    key = segment_key(facts.sha256, selection, transforms.key)
    path = store.path(Kind.SEGMENT, key)
    with reported(path), store.exclusive(Kind.SEGMENT, key):
        made_meanwhile = find_segment(facts.sha256, selection, store, transforms.key)
        if made_meanwhile is not None:
            return made_meanwhile
        with store.writing(Kind.SEGMENT, key) as temporary, temporary.open("wb") as out:
            entries, offsets = write_members(wheel, facts, selection, out, transforms)
            return write_tables(path, entries, offsets, out)


def find_segment(wheel: Digest, selection: Selection, store: Store, transform: str = "") -> Segment | None:
    """The segment of what is taken of the wheel with that sha256, if the store has it: the wheel is not needed then.

    `transform` is the key of what was done to its files.
    """
    return read_segment(segment_key(wheel, selection, transform), store)


def read_segment(key: Digest, store: Store) -> Segment | None:
    """The segment of that key; None where the store has none, or no whole one."""
    path = store.find(Kind.SEGMENT, key)
    if path is None:
        return None
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - _FOOTER.size))
            footer = stream.read(_FOOTER.size)
            if len(footer) < _FOOTER.size:
                return None
            magic, data, central, count, unzipped = _FOOTER.unpack(footer)
            tables = 2 * 8 * (count + 1)
            if magic != _MAGIC or data + central + tables + _FOOTER.size != size:
                return None
            stream.seek(data)
            index = stream.read(central + tables)
    except OSError:
        return None
    records = struct.unpack_from(f"<{count + 1}Q", index, central)
    offsets = struct.unpack_from(f"<{count + 1}Q", index, central + 8 * (count + 1))
    return Segment(path, index[:central], records, offsets, unzipped)


def segment_key(wheel: Digest, selection: Selection, transform: str = "") -> Digest:
    """The key of a segment in the store."""
    done = [transform] if transform else []
    return key_of("segment", ziprecords.FORMAT_VERSION, COMPRESSOR, RULES_VERSION, STRIPPER, wheel, selection, *done)


def write_tables(path: Path, entries: Sequence[ZipEntry], offsets: Sequence[int], out: BufferedWriter) -> Segment:
    """Write what follows the data, and give the segment that `find_segment` would read from it."""
    central = [central_record(entry, offset) for entry, offset in zip(entries, offsets, strict=False)]
    records = [0]
    for record in central:
        records.append(records[-1] + len(record))
    segment = Segment(
        path, b"".join(central), tuple(records), tuple(offsets), unzipped_bytes=sum(entry.size for entry in entries)
    )
    count = len(offsets)
    out.write(segment.central)
    out.write(struct.pack(f"<{count}Q", *records))
    out.write(struct.pack(f"<{count}Q", *offsets))
    out.write(_FOOTER.pack(_MAGIC, offsets[-1], len(segment.central), len(entries), segment.unzipped_bytes))
    return segment

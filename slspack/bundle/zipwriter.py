"""The zip of a plan: segments joined, then first-party and generated files, then the central directory."""

from __future__ import annotations

import zlib
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from slspack.bundle.content import content_of, size_of
from slspack.bundle.copying import BUFFER, copy_range, read_range, write_all
from slspack.bundle.deflate import pack
from slspack.bundle.hashing import StreamDigest
from slspack.bundle.output import replacing
from slspack.bundle.ziprecords import (
    END_SIZE,
    STORED,
    ZipEntry,
    central_record,
    end_records,
    headers_size,
    local_header,
)
from slspack.model import Artifact, FileSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from io import FileIO
    from pathlib import Path

    from slspack.bundle.deflate import Packed
    from slspack.bundle.segments import Segment, Span
    from slspack.model import ArchivePath, Digest, DistName, Entry, Plan, WheelPart
    from slspack.tree import ServiceTree

    _Joined: TypeAlias = tuple[Segment, list[Span]]

_KEPT_BYTES = 32 << 20
"""So much of the deflated files stays in memory."""


class PackedFiles:
    """The service's files as they stand in zips: what many functions share is read and deflated once a build.

    Several threads may ask.
    """

    def __init__(self, tree: ServiceTree) -> None:
        self._tree = tree
        self._kept: dict[Digest, Packed] = {}
        self._room = _KEPT_BYTES
        self._lock = Lock()

    def of(self, entry: Entry) -> Packed:
        """An entry's content. Raises SLS0604 if a first-party file is no longer what was planned."""
        source = entry.source
        sha256 = source.sha256 if isinstance(source, FileSource) else None
        with self._lock:
            packed = self._kept.get(sha256) if sha256 else None
            if packed is None:
                packed = pack(content_of(entry, self._tree))
                if sha256 and len(packed.data) <= self._room:
                    self._kept[sha256] = packed
                    self._room -= len(packed.data)
        return packed


def write_zip(
    plan: Plan,
    segments: Mapping[DistName, Segment],
    files: PackedFiles,
    destination: Path,
    nested: Segment | None = None,
) -> Artifact:
    """Write the artifact of `plan`, in place of what `destination` may be, at once and whole.

    `segments` has the segment of each of the plan's wheels, `nested` is that of those that it nests. Raises SLS0603 if
    it cannot be written, SLS0604 if a first-party file is no longer what was planned; the previous artifact then stays.
    """
    joined = _spans(plan.wheels, segments)
    if nested is not None:
        joined.append((nested, nested.spans(())))
    with replacing(destination, _size_at_most(plan, segments, nested)) as output, _digest_of(joined) as digest:
        archive = _Archive(output, digest)
        archive.join(joined)
        for entry in plan.entries:
            packed = files.of(entry)
            archive.add_file(packed.entry(entry.name, executable=entry.executable), packed.data)
        sha256, size = archive.finish()
    return Artifact(plan, destination.absolute(), sha256, size, cached=False)


def write_nested(
    name: ArchivePath, parts: Iterable[WheelPart], segments: Mapping[DistName, Segment], destination: Path
) -> ZipEntry:
    """Write local header and data of a file that is itself the archive of these parts, into a file that is empty."""
    start = len(local_header(ZipEntry(name, executable=False, method=STORED, crc=0, data_size=0, size=0)))
    joined = _spans(parts, segments)
    with destination.open("r+b", buffering=0) as output, _digest_of(joined) as digest:
        output.seek(start)
        archive = _Archive(output, digest)
        archive.join(joined)
        _, size = archive.finish()
        crc = 0
    with destination.open("r+b", buffering=0) as written:
        for chunk in read_range(written, start, size):
            crc = zlib.crc32(chunk, crc)
        entry = ZipEntry(name, executable=False, method=STORED, crc=crc, data_size=size, size=size)
        written.seek(0)
        write_all(written, local_header(entry))
    return entry


def _spans(parts: Iterable[WheelPart], segments: Mapping[DistName, Segment]) -> list[_Joined]:
    """What is joined of the segments of these parts."""
    own = ((segments[part.distribution.name], part) for part in parts)
    return [(segment, segment.spans(frozenset(part.without))) for segment, part in own]


def _digest_of(joined: Iterable[_Joined]) -> StreamDigest:
    return StreamDigest(
        tuple((segment.path, span.start, span.end - span.start) for segment, spans in joined for span in spans)
    )


class _Archive:
    """A zip that grows at its end. Small pieces are gathered, so that a thousand files are not a thousand writes."""

    def __init__(self, output: FileIO, digest: StreamDigest) -> None:
        self._output = output
        self._digest = digest
        self._gathered: list[bytes] = []
        self._gathered_size = 0
        self._size = 0
        self._count = 0
        self._central: list[bytes] = []

    def join(self, joined: Iterable[_Joined]) -> None:
        """Begin with these, of which the digest knows."""
        for segment, spans in joined:
            with segment.path.open("rb", buffering=0) as source:
                for span in spans:
                    self._central.append(segment.central_at(span, self._size))
                    self._count += span.last - span.first
                    copy_range(source, span.start, span.end - span.start, self._output)
                    self._size += span.end - span.start

    def add_file(self, entry: ZipEntry, data: bytes) -> None:
        self._central.append(central_record(entry, self._size))
        self._count += 1
        self._append(local_header(entry))
        self._append(data)

    def finish(self) -> tuple[Digest, int]:
        """Write the central directory; give sha256 and size of the whole."""
        central = b"".join(self._central)
        end = end_records(self._count, len(central), self._size)
        self._append(central)
        self._append(end)
        self._flush()
        return self._digest.finish(), self._size

    def _append(self, data: bytes) -> None:
        self._gathered.append(data)
        self._gathered_size += len(data)
        self._size += len(data)
        if self._gathered_size >= BUFFER:
            self._flush()

    def _flush(self) -> None:
        if self._gathered:
            data = self._gathered[0] if len(self._gathered) == 1 else b"".join(self._gathered)
            self._gathered.clear()
            self._gathered_size = 0
            self._digest.add(data)
            write_all(self._output, data)


def _size_at_most(plan: Plan, segments: Mapping[DistName, Segment], nested: Segment | None) -> int:
    wheels = sum(segments[part.distribution.name].zipped_bytes for part in plan.wheels)
    wheels += nested.zipped_bytes if nested else 0
    own = sum(size_of(entry) + headers_size(entry.name) for entry in plan.entries)
    return wheels + own + END_SIZE

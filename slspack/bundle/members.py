"""From a wheel's members to the entries of a segment: deflated ones are copied as they are, every one is checked."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from slspack.bundle.copying import BUFFER, read_range
from slspack.bundle.deflate import inflate, pack
from slspack.bundle.strip import stripped
from slspack.bundle.ziprecords import DEFLATED, STORED, ZipEntry, local_header
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.wheels.selecting import selected_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedWriter, FileIO
    from pathlib import Path

    from slspack.model import Selection, WheelFacts, WheelMember
    from slspack.wheels.layout import InstalledFile

_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 1
_METHODS = {12: "bzip2", 14: "lzma"}
"""What the standard library can read besides stored and deflated (APPNOTE 4.4.5)."""


def write_members(
    wheel: Path, facts: WheelFacts, selection: Selection, out: BufferedWriter
) -> tuple[list[ZipEntry], list[int]]:
    """Write local header and data of every file that is taken of a wheel to `out`, from its beginning.

    Gives the entries, and where each begins and the last ends. Every member is inflated once and compared with its
    checksum, so that no artifact inherits a damaged one. Raises SLS0504 for a wheel that is malformed, SLS0505 for a
    member that climbs out of the root.
    """
    entries: list[ZipEntry] = []
    offsets = [0]
    with wheel.open("rb", buffering=0) as source:
        reader = _Reader(facts, source)
        for file in _distinct(facts, selection):
            entry = _write(file, reader, out) if not _strips(file, selection) else _write_stripped(file, reader, out)
            entries.append(entry)
            offsets.append(offsets[-1] + len(local_header(entry)) + entry.data_size)
    return entries, offsets


def _distinct(facts: WheelFacts, selection: Selection) -> Iterator[InstalledFile]:
    """The files that are taken, each name once. Raises SLS0504 where two members that differ want one name."""
    last: InstalledFile | None = None
    for file in selected_files(facts, selection):
        if last is None or file.archive != last.archive:
            yield file
        elif (file.member.crc, file.member.size) != (last.member.crc, last.member.size):
            raise _bad_wheel(facts, file.member, f"differs from `{last.member.name}` but is installed in its place")
        last = file


def _strips(file: InstalledFile, selection: Selection) -> bool:
    """By its name, as serverless-python-requirements chooses them: programs may have something behind their end."""
    return selection.strip and ".so" in file.archive.rpartition("/")[2]


def _write_stripped(file: InstalledFile, reader: _Reader, out: BufferedWriter) -> ZipEntry:
    """Write a shared library without what nothing loads; it has to be compressed anew only if that was something."""
    content = b"".join(reader.content(file.member))
    less = stripped(content)
    if len(less) == len(content):
        return _write(file, reader, out)
    packed = pack(less)
    entry = packed.entry(file.archive, executable=file.member.executable)
    out.write(local_header(entry))
    out.write(packed.data)
    return entry


def _write(file: InstalledFile, reader: _Reader, out: BufferedWriter) -> ZipEntry:
    member = file.member
    if member.method != DEFLATED:
        packed = pack(b"".join(reader.content(member)))
        entry = packed.entry(file.archive, executable=member.executable)
        out.write(local_header(entry))
        out.write(packed.data)
        return entry
    if member.compressed_size >= member.size:
        entry = ZipEntry(file.archive, member.executable, STORED, member.crc, member.size, member.size)
        out.write(local_header(entry))
        out.writelines(reader.content(member))
        return entry
    entry = ZipEntry(file.archive, member.executable, DEFLATED, member.crc, member.compressed_size, member.size)
    out.write(local_header(entry))
    for _ in reader.content(member):
        pass
    out.writelines(reader.raw(member))
    return entry


class _Reader:
    """The members of one open wheel."""

    def __init__(self, facts: WheelFacts, source: FileIO) -> None:
        self._facts = facts
        self._source = source

    def raw(self, member: WheelMember) -> Iterator[memoryview]:
        """A member's data as it stands in the wheel."""
        return read_range(self._source, self._data_start(member), member.compressed_size)

    def content(self, member: WheelMember) -> Iterator[bytes]:
        """A member's content, in chunks. Raises SLS0504, at the latest after the last chunk, if it is damaged."""
        crc = size = 0
        try:
            for chunk in self._inflated(member):
                crc = zlib.crc32(chunk, crc)
                size += len(chunk)
                if size > member.size:
                    raise _bad_wheel(self._facts, member, f"is larger than the {member.size} bytes that it claims")
                yield chunk
        except (zlib.error, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise _bad_wheel(self._facts, member, f"cannot be read: {reason}") from error
        if (crc, size) != (member.crc, member.size):
            raise _bad_wheel(self._facts, member, "does not match its checksum")

    def _inflated(self, member: WheelMember) -> Iterator[bytes]:
        raw = self.raw(member)
        if member.method == DEFLATED:
            return inflate(raw)
        if member.method == STORED:
            return (bytes(chunk) for chunk in raw)
        return self._by_standard_library(member)

    def _by_standard_library(self, member: WheelMember) -> Iterator[bytes]:
        if member.method not in _METHODS:
            raise _bad_wheel(self._facts, member, f"is compressed by method {member.method}, which pip cannot read")
        from zipfile import BadZipFile, ZipFile

        try:
            with ZipFile(self._source) as archive, archive.open(member.name) as stream:
                while chunk := stream.read(BUFFER):
                    yield chunk
        except (BadZipFile, KeyError, RuntimeError) as error:
            raise _bad_wheel(self._facts, member, f"cannot be read: {error}") from error

    def _data_start(self, member: WheelMember) -> int:
        """Where a member's data begins. Raises SLS0504 if its local header is missing or of another file."""
        self._source.seek(member.header_offset)
        fixed = self._source.read(_LOCAL.size)
        if len(fixed) < _LOCAL.size or not fixed.startswith(b"PK\3\4"):
            raise _bad_wheel(self._facts, member, "is not where the wheel's directory says")
        (_, _, flags, *_, name_length, extra_length) = _LOCAL.unpack(fixed)
        if flags & _ENCRYPTED:
            raise _bad_wheel(self._facts, member, "is encrypted")
        name = self._source.read(name_length)
        if member.name.encode() != name and member.name != name.decode("cp437"):
            raise _bad_wheel(self._facts, member, "has another name in the wheel's directory than in its own header")
        return member.header_offset + _LOCAL.size + int(name_length) + int(extra_length)


def _bad_wheel(facts: WheelFacts, member: WheelMember, problem: str) -> SlspackError:
    return SlspackError.of(
        Code.BAD_WHEEL,
        f"the wheel of `{facts.name}` {facts.version} is malformed: `{member.name}` {problem}",
        hint="the file is as its index serves it: choose another version, and tell the distribution's authors",
    )

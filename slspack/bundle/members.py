"""From a wheel's members to the entries of a segment: deflated ones are copied as they are, every one is checked."""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.bundle.copying import BUFFER, read_range
from slspack.bundle.deflate import inflate, inflate_at_once, pack
from slspack.bundle.strip import stripped
from slspack.bundle.transforms import NO_TRANSFORMS, SegmentFile
from slspack.bundle.ziprecords import DEFLATED, STORED, ZipEntry, local_header
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import ArchivePath
from slspack.wheels.layout import InstalledFile
from slspack.wheels.selecting import selected_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from io import BufferedWriter, FileIO
    from pathlib import Path

    from slspack.bundle.transforms import Transforms
    from slspack.model import Selection, WheelFacts, WheelMember

_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 1
_AT_ONCE = 1 << 20
"""Bytes of a member up to which it is taken into memory, and read once."""
_METHODS = {12: "bzip2", 14: "lzma"}
"""What the standard library can read besides stored and deflated (APPNOTE 4.4.5)."""


def write_members(
    wheel: Path, facts: WheelFacts, selection: Selection, out: BufferedWriter, transforms: Transforms = NO_TRANSFORMS
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
        files = _transformed(tuple(_distinct(facts, selection)), reader, selection, transforms, facts)
        for file in (_below(file, selection.prefix) for file in files):
            entry = _write_made(file, out) if isinstance(file, SegmentFile) else _write(file, reader, selection, out)
            entries.append(entry)
            offsets.append(offsets[-1] + len(local_header(entry)) + entry.data_size)
    return entries, offsets


def _distinct(facts: WheelFacts, selection: Selection) -> Iterator[InstalledFile]:
    """The files that are taken, each name once. Raises SLS0504 where two members that differ want one name."""
    last: InstalledFile | None = None
    for file in selected_files(facts, replace(selection, prefix="")):
        if last is None or file.archive != last.archive:
            yield file
        elif (file.member.crc, file.member.size) != (last.member.crc, last.member.size):
            raise _bad_wheel(facts, file.member, f"differs from `{last.member.name}` but is installed in its place")
        last = file


def _below(file: InstalledFile | SegmentFile, prefix: str) -> InstalledFile | SegmentFile:
    """The file where it stands in the artifact: transforms know names as they are in `sys.path`."""
    if not prefix:
        return file
    name = ArchivePath(f"{prefix}{_name(file)}")
    return replace(file, name=name) if isinstance(file, SegmentFile) else replace(file, archive=name)


def _transformed(
    files: Sequence[InstalledFile | SegmentFile],
    reader: _Reader,
    selection: Selection,
    transforms: Transforms,
    facts: WheelFacts,
) -> Sequence[InstalledFile | SegmentFile]:
    """What becomes of the files, sorted by the bytes of their names. Raises SLS0806 for names that were not stated."""
    for transform in transforms.chain:
        stated = {_name(file): transform.names(_name(file)) for file in files}
        left = [file for file in files if stated[_name(file)] is None]
        taken = [_read(file, reader, selection) for file in files if stated[_name(file)] is not None]
        allowed = {name for names in stated.values() for name in names or ()}
        made = list(transform.files(taken)) if taken else []
        names = [_name(file) for file in (*left, *made)]
        wrong = [file.name for file in made if file.name not in allowed] or [n for n in names if names.count(n) > 1]
        if wrong:
            raise SlspackError.of(
                Code.PLUGIN_ANSWER,
                f"a transform of the wheel of `{facts.name}` {facts.version} gave `{wrong[0]}`, "
                "which it did not state, or twice",
                hint="`names` must state every name that `files` may give, and no two files may become one",
            )
        files = sorted((*left, *made), key=lambda file: _name(file).encode())
    return files


def _name(file: InstalledFile | SegmentFile) -> ArchivePath:
    return file.archive if isinstance(file, InstalledFile) else file.name


def _read(file: InstalledFile | SegmentFile, reader: _Reader, selection: Selection) -> SegmentFile:
    if isinstance(file, SegmentFile):
        return file
    content = b"".join(reader.content(file.member))
    less = stripped(content) if _strips(file, selection) else content
    return SegmentFile(file.archive, less, file.member.executable)


def _strips(file: InstalledFile, selection: Selection) -> bool:
    """By its name, as serverless-python-requirements chooses them: programs may have something behind their end."""
    return selection.strip and ".so" in file.archive.rpartition("/")[2]


def _write(file: InstalledFile, reader: _Reader, selection: Selection, out: BufferedWriter) -> ZipEntry:
    """Write a file as it is in the wheel, or, of a shared library, without what nothing loads."""
    if not _strips(file, selection):
        return _write_as_it_is(file, reader, out)
    content = b"".join(reader.content(file.member))
    less = stripped(content)
    if len(less) == len(content):
        return _write_as_it_is(file, reader, out)
    return _write_made(SegmentFile(file.archive, less, file.member.executable), out)


def _write_made(file: SegmentFile, out: BufferedWriter) -> ZipEntry:
    """Write what is no longer as it was in the wheel, and has to be compressed anew."""
    packed = pack(file.content)
    entry = packed.entry(file.name, executable=file.executable)
    out.write(local_header(entry))
    out.write(packed.data)
    return entry


def _write_as_it_is(file: InstalledFile, reader: _Reader, out: BufferedWriter) -> ZipEntry:
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
    if member.size <= _AT_ONCE:
        out.write(reader.checked(member))
        return entry
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

    def checked(self, member: WheelMember) -> bytearray:
        """A deflated member's data as it stands in the wheel, read once. Raises SLS0504 if it is damaged."""
        raw = bytearray()
        with self._reported(member):
            for chunk in self.raw(member):
                raw += chunk
            content = inflate_at_once(raw, member.size)
        self._compare(member, zlib.crc32(content), len(content))
        return raw

    def content(self, member: WheelMember) -> Iterator[bytes]:
        """A member's content, in chunks. Raises SLS0504, at the latest after the last chunk, if it is damaged."""
        crc = size = 0
        with self._reported(member):
            for chunk in self._inflated(member):
                crc = zlib.crc32(chunk, crc)
                size += len(chunk)
                if size > member.size:
                    break
                yield chunk
        self._compare(member, crc, size)

    @contextmanager
    def _reported(self, member: WheelMember) -> Iterator[None]:
        try:
            yield
        except (zlib.error, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise _bad_wheel(self._facts, member, f"cannot be read: {reason}") from error

    def _compare(self, member: WheelMember, crc: int, size: int) -> None:
        if size > member.size:
            raise _bad_wheel(self._facts, member, f"is larger than the {member.size} bytes that it claims")
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

"""The central directory of a zip, read strictly: what two readers could understand differently is refused."""

from __future__ import annotations

import stat
import struct
import zlib
from typing import TYPE_CHECKING, NoReturn, Protocol

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import WheelMember

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Sections of PKWARE's APPNOTE.TXT: 4.3.16, 4.3.15, 4.3.14, 4.3.12, 4.3.7.
_END = struct.Struct("<4s4H2LH")
_ZIP64_LOCATOR = struct.Struct("<4sLQL")
_ZIP64_END = struct.Struct("<4sQ2H2L4Q")
_RECORD = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")

TAIL_BYTES = _END.size + 0xFFFF
"""How far before the end of a zip its end record may start: 22 bytes and the longest comment."""

_MOST_DIRECTORY_BYTES = 64 << 20
_MOST_TEXT_BYTES = 16 << 20
_MASK_16, _MASK_32 = 0xFFFF, 0xFFFFFFFF
_STORED, _DEFLATED = 0, 8
_ENCRYPTED_FLAGS = 1 << 0 | 1 << 6 | 1 << 13
_UNIX = 3
_ZIP64_EXTRA = 1


class ByteSource(Protocol):
    """Bytes that can be read from anywhere: a file, or a resource behind range requests."""

    @property
    def size(self) -> int:
        """How many bytes there are."""

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`; fewer only where the source ends before."""


class Archive:
    """The members of one zip and what may be read of them. `filename` is for messages.

    Raises SLS0504 for an archive that is malformed or ambiguous, SLS0505 for a member that climbs out of the root.
    """

    def __init__(self, source: ByteSource, filename: str) -> None:
        self._source = source
        self._filename = filename
        self._directory_start = 0
        directory, count = self._read_directory()
        members = list(self._records(directory, count))
        self._refuse_ambiguity(members)
        self.members: tuple[WheelMember, ...] = tuple(
            sorted((m for m in members if not m.name.endswith("/")), key=lambda member: member.name)
        )

    def read(self, member: WheelMember) -> bytes:
        """The content of a small member, its length and checksum verified."""
        if member.size > _MOST_TEXT_BYTES or member.compressed_size > _MOST_TEXT_BYTES:
            self._bad(f"its `{member.name}` has {member.size} bytes, which is absurd")
        start = member.header_offset
        # The local header's extra field may be longer than the central one's; a guess saves a request.
        end = start + _LOCAL.size + len(member.name.encode()) + member.compressed_size
        block = self._source.read(start, min(end + 64, self._directory_start))
        if len(block) < _LOCAL.size:
            self._bad(f"it ends within `{member.name}`")
        fields = _LOCAL.unpack_from(block)
        if fields[0] != b"PK\3\4":
            self._bad(f"there is no local header where `{member.name}` should be")
        begin = _LOCAL.size + fields[9] + fields[10]
        if block[_LOCAL.size : _LOCAL.size + fields[9]] != member.name.encode():
            self._bad(f"the local header of `{member.name}` gives another name")
        needed = begin + member.compressed_size
        if len(block) < needed:
            block += self._source.read(start + len(block), start + needed)
        return self._decompress(member, block[begin:needed])

    def _decompress(self, member: WheelMember, data: bytes) -> bytes:
        content = data
        if member.method == _DEFLATED:
            try:
                content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, member.size + 1)
            except zlib.error:
                self._bad(f"its `{member.name}` cannot be decompressed")
        if len(content) != member.size or zlib.crc32(content) != member.crc:
            self._bad(f"its `{member.name}` does not match its checksum")
        return content

    def _read_directory(self) -> tuple[bytes, int]:
        """APPNOTE 4.3.16: find the end record, then the directory, which must end where the end records begin."""
        size = self._source.size
        tail = self._source.read(max(0, size - TAIL_BYTES), size)
        at = tail.rfind(b"PK\5\6")
        while at >= 0 and (len(tail) - at < _END.size or at + _END.size + _END.unpack_from(tail, at)[7] != len(tail)):
            at = tail.rfind(b"PK\5\6", 0, at)
        if at < 0:
            self._bad("it has no end of central directory, so it is not a zip or was cut short")
        _, disk, first_disk, here, count, length, start, _ = _END.unpack_from(tail, at)
        end = size - len(tail) + at
        if _MASK_16 in (disk, first_disk, here, count) or _MASK_32 in (length, start):
            zip64 = self._zip64_end(end)
            if zip64 is not None:
                end, disk, first_disk, here, count, length, start = zip64
        if disk or first_disk or here != count:
            self._bad("it spans several disks")
        if length > _MOST_DIRECTORY_BYTES or count * _RECORD.size > length:
            self._bad(f"its central directory claims {count} members in {length} bytes")
        if start + length != end:
            self._bad("its central directory is not where its end record says")
        self._directory_start = start
        return self._source.read(start, start + length), count

    def _zip64_end(self, end: int) -> tuple[int, int, int, int, int, int, int] | None:
        locator = self._source.read(max(0, end - _ZIP64_LOCATOR.size), end)
        if len(locator) < _ZIP64_LOCATOR.size or not locator.startswith(b"PK\6\7"):
            return None
        at = _ZIP64_LOCATOR.unpack(locator)[2]
        record = self._source.read(at, at + _ZIP64_END.size) if at < end else b""
        if len(record) < _ZIP64_END.size or not record.startswith(b"PK\6\6"):
            self._bad("its zip64 end record is not where its locator says")
        _, length_of_record, _, _, disk, first_disk, here, count, length, start = _ZIP64_END.unpack(record)
        if at + 12 + length_of_record != end - _ZIP64_LOCATOR.size:
            self._bad("its zip64 end record has the wrong length")
        return at, disk, first_disk, here, count, length, start

    def _records(self, directory: bytes, count: int) -> Iterator[WheelMember]:
        at = 0
        for _ in range(count):
            if len(directory) - at < _RECORD.size or directory[at : at + 4] != b"PK\1\2":
                self._bad("its central directory is cut short")
            fields = _RECORD.unpack_from(directory, at)
            name_end = at + _RECORD.size + fields[10]
            extra_end = name_end + fields[11]
            if extra_end + fields[12] > len(directory):
                self._bad("its central directory is cut short")
            name = self._name(directory[at + _RECORD.size : name_end])
            yield self._member(name, fields, directory[name_end:extra_end])
            at = extra_end + fields[12]
        if at != len(directory):
            self._bad("its central directory holds more than its members")

    def _member(self, name: str, fields: tuple[int, ...], extra: bytes) -> WheelMember:
        flags, method, crc = fields[3], fields[4], fields[7]
        size, compressed, offset = self._sizes(name, fields, extra)
        if flags & _ENCRYPTED_FLAGS:
            self._bad(f"its `{name}` is encrypted")
        if method not in (_STORED, _DEFLATED):
            self._bad(f"its `{name}` is compressed by method {method}, which is neither stored nor deflated")
        if method == _STORED and size != compressed:
            self._bad(f"its `{name}` is stored, but has two sizes")
        mode = fields[15] >> 16 if fields[1] >> 8 == _UNIX else 0
        executable = stat.S_ISREG(mode) and bool(mode & 0o111)
        return WheelMember(name, size, compressed, crc, method, executable, offset)

    def _sizes(self, name: str, fields: tuple[int, ...], extra: bytes) -> tuple[int, int, int]:
        """APPNOTE 4.5.3: a field of all ones stands, in this order, in the zip64 extra field."""
        compressed, size, offset = fields[8], fields[9], fields[16]
        if _MASK_32 not in (compressed, size, offset):
            return size, compressed, offset
        at = 0
        while at + 4 <= len(extra):
            kind, length = struct.unpack_from("<2H", extra, at)
            if kind == _ZIP64_EXTRA:
                data = extra[at + 4 : at + 4 + length]
                wide = iter(struct.unpack_from(f"<{len(data) // 8}Q", data))
                try:
                    size = next(wide) if size == _MASK_32 else size
                    compressed = next(wide) if compressed == _MASK_32 else compressed
                    offset = next(wide) if offset == _MASK_32 else offset
                except StopIteration:
                    break
                return size, compressed, offset
            at += 4 + length
        raise bad_wheel(self._filename, f"the size of its `{name}` is missing")

    def _name(self, raw: bytes) -> str:
        try:
            name = raw.decode("utf-8")  # PEP 427: "archive filenames are encoded as UTF-8"
        except UnicodeDecodeError:
            self._bad(f"the name `{raw.decode('utf-8', 'backslashreplace')}` in it is not UTF-8")
        if "\0" in name:
            self._bad("a name in it holds a NUL")
        parts = name.removesuffix("/").split("/")
        if "\\" in name or any(part in ("", ".", "..") for part in parts) or ":" in parts[0]:
            raise SlspackError.of(
                Code.UNSAFE_MEMBER,
                f"`{self._filename}` holds `{name}`, which could climb out of the root",
                hint="do not trust this wheel; report it to the index that served it",
            )
        return name

    def _refuse_ambiguity(self, members: Sequence[WheelMember]) -> None:
        seen: set[str] = set()
        for member in members:
            if member.name in seen:
                self._bad(f"it holds `{member.name}` twice")
            seen.add(member.name)
        free = 0
        for member in sorted(members, key=lambda member: member.header_offset):
            if member.header_offset < free:
                self._bad(f"its `{member.name}` overlaps another member")
            free = member.header_offset + _LOCAL.size + len(member.name.encode()) + member.compressed_size
        if free > self._directory_start:
            self._bad("its members run into its central directory")

    def _bad(self, why: str) -> NoReturn:
        raise bad_wheel(self._filename, why)


def bad_wheel(filename: str, why: str) -> SlspackError:
    """The error for a wheel that is malformed."""
    return SlspackError.of(
        Code.BAD_WHEEL,
        f"`{filename}` is not a valid wheel: {why}",
        hint="choose another version or index, or report it to the distribution's maintainers",
    )

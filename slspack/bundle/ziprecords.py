"""The records of a zip file, each in the one form that an artifact's contract allows (`docs/concepts/zip-contract.md`).

Section numbers are those of PKWARE's APPNOTE 6.3.10.
"""

from __future__ import annotations

import struct

from slspack.frozen import dataclass
from slspack.model import ArchivePath

FORMAT_VERSION = 1
"""Goes up whenever the same content would give other bytes, or a wheel's files would be placed otherwise."""

STORED = 0
DEFLATED = 8

_UTF8_NAME = 0x800
_DATE_1980_01_01 = (1 << 5) | 1
_MADE_BY_UNIX = 3 << 8
_VERSION = 20
_VERSION_ZIP64 = 45
_MODE = 0o100644
_MODE_EXECUTABLE = 0o100755
_ZIP64_EXTRA = 1

LIMIT_32 = 0xFFFFFFFF
"""A size or offset from here on does not fit a 32-bit field."""
LIMIT_16 = 0xFFFF
"""So many entries do not fit a 16-bit count."""
_SEE_ZIP64_32 = 0xFFFFFFFF
_SEE_ZIP64_16 = 0xFFFF

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
END_SIZE = _END.size + _END64.size + _LOCATOR64.size
"""What the end of an archive takes at most, in bytes."""
OFFSET_FIELD = struct.Struct("<L")
OFFSET_FIELD_AT = 42
"""Where the offset of the local header stands in a central record (4.3.12)."""


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """What the headers say of one file. `data_size` is its size as it stands in the archive."""

    name: ArchivePath
    executable: bool
    method: int
    crc: int
    data_size: int
    size: int

    @property
    def is_large(self) -> bool:
        """Whether its sizes need the zip64 form."""
        return max(self.size, self.data_size) >= LIMIT_32


def local_header(entry: ZipEntry) -> bytes:
    """The header that stands right before a file's data (4.3.7)."""
    name = entry.name.encode()
    # 4.5.3: in a local header the zip64 field holds both sizes, if it is there at all.
    extra = _zip64_extra([entry.size, entry.data_size]) if entry.is_large else b""
    fixed = _LOCAL.pack(
        b"PK\3\4",
        _VERSION_ZIP64 if extra else _VERSION,
        _flags(name),
        entry.method,
        0,
        _DATE_1980_01_01,
        entry.crc,
        _SEE_ZIP64_32 if entry.is_large else entry.data_size,
        _SEE_ZIP64_32 if entry.is_large else entry.size,
        len(name),
        len(extra),
    )
    return fixed + name + extra


def central_record(entry: ZipEntry, offset: int) -> bytes:
    """The record of a file in the central directory (4.3.12); `offset` is that of its local header."""
    name = entry.name.encode()
    large = [entry.size, entry.data_size] if entry.is_large else []
    if offset >= LIMIT_32:
        large.append(offset)
    extra = _zip64_extra(large) if large else b""
    fixed = _CENTRAL.pack(
        b"PK\1\2",
        _MADE_BY_UNIX | (_VERSION_ZIP64 if extra else _VERSION),
        _VERSION_ZIP64 if extra else _VERSION,
        _flags(name),
        entry.method,
        0,
        _DATE_1980_01_01,
        entry.crc,
        _SEE_ZIP64_32 if entry.is_large else entry.data_size,
        _SEE_ZIP64_32 if entry.is_large else entry.size,
        len(name),
        len(extra),
        0,
        0,
        0,
        (_MODE_EXECUTABLE if entry.executable else _MODE) << 16,
        offset if offset < LIMIT_32 else _SEE_ZIP64_32,
    )
    return fixed + name + extra


def headers_size(name: ArchivePath) -> int:
    """What a file's two headers take where neither is of the zip64 form, in bytes."""
    return _LOCAL.size + _CENTRAL.size + 2 * len(name.encode())


def central_record_size(name: ArchivePath) -> int:
    """What a file's central record takes where it is not of the zip64 form, in bytes."""
    return _CENTRAL.size + len(name.encode())


def read_central_record(records: bytes, start: int) -> ZipEntry:
    """What a record that `central_record` made says, but for its offset."""
    (*_, method, _, _, crc, data_size, size, name_length, _, _, _, _, mode, _) = _CENTRAL.unpack_from(records, start)
    name_at = start + _CENTRAL.size
    name = records[name_at : name_at + name_length]
    if size == _SEE_ZIP64_32:
        size, data_size = struct.unpack_from("<2Q", records, name_at + name_length + 4)
    return ZipEntry(ArchivePath(name.decode()), mode >> 16 == _MODE_EXECUTABLE, method, crc, data_size, size)


def end_records(count: int, central_size: int, central_offset: int) -> bytes:
    """What ends the archive (4.3.14 to 4.3.16): the zip64 records only where a value does not fit without them."""
    end = _END.pack(
        b"PK\5\6",
        0,
        0,
        count if count < LIMIT_16 else _SEE_ZIP64_16,
        count if count < LIMIT_16 else _SEE_ZIP64_16,
        central_size if central_size < LIMIT_32 else _SEE_ZIP64_32,
        central_offset if central_offset < LIMIT_32 else _SEE_ZIP64_32,
        0,
    )
    if count < LIMIT_16 and max(central_size, central_offset) < LIMIT_32:
        return end
    end64 = _END64.pack(
        b"PK\6\6",
        _END64.size - 12,
        _MADE_BY_UNIX | _VERSION_ZIP64,
        _VERSION_ZIP64,
        0,
        0,
        count,
        count,
        central_size,
        central_offset,
    )
    return end64 + _LOCATOR64.pack(b"PK\6\7", 0, central_offset + central_size, 1) + end


def read_end(archive: bytes) -> tuple[int, int, int] | None:
    """The number of files, and where the central directory begins and ends, of an archive that needs no zip64 records.

    None for what does not end as `end_records` ends such an archive.
    """
    stop = len(archive) - _END.size
    if stop < 0:
        return None
    signature, _, _, _, count, size, start, _ = _END.unpack_from(archive, stop)
    return (count, start, stop) if signature == b"PK\5\6" and count < LIMIT_16 and start + size == stop else None


def _flags(name: bytes) -> int:
    """4.4.4: bit 11 says that the name is UTF-8, which only a name beyond ASCII needs."""
    return 0 if name.isascii() else _UTF8_NAME


def _zip64_extra(values: list[int]) -> bytes:
    return struct.pack(f"<2H{len(values)}Q", _ZIP64_EXTRA, 8 * len(values), *values)

"""The one compressor: libdeflate at level 6, whatever zlib the host's Python was linked with; and its inverse."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from slspack.bundle.ziprecords import DEFLATED, STORED, ZipEntry
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from slspack.model import ArchivePath

COMPRESSOR = "deflate 0.9.0, level 6"
"""Names the bytes that `pack` gives: part of every fingerprint. The package is pinned to that version."""

_LEVEL = 6
_INFLATED_CHUNK = 1 << 18
_NOT_WHOLE = "its data is not one whole deflate stream"


@dataclass(frozen=True, slots=True)
class Packed:
    """Content in the form in which it stands in a zip."""

    method: int
    crc: int
    size: int
    data: bytes

    def entry(self, name: ArchivePath, *, executable: bool) -> ZipEntry:
        """The headers' view of this content under a name."""
        return ZipEntry(name, executable, self.method, self.crc, len(self.data), self.size)


def pack(content: bytes) -> Packed:
    """Deflate `content`, or keep it as it is where that gains nothing. The same content always gives the same bytes."""
    from deflate import deflate_compress

    crc = zlib.crc32(content)
    compressed = bytes(deflate_compress(content, _LEVEL)) if content else b""
    if len(compressed) < len(content):
        return Packed(DEFLATED, crc, len(content), compressed)
    return Packed(STORED, crc, len(content), content)


def unpack(data: bytes, size: int) -> bytearray:
    """The content of raw deflate data whose size is known, all at once: three times as quick as `inflate`.

    Raises ValueError if the data is damaged.
    """
    from deflate import DeflateError, deflate_decompress

    try:
        content: bytearray = deflate_decompress(data, size)
    except DeflateError as error:
        raise ValueError(_NOT_WHOLE) from error
    return content


def inflate(raw: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """The content of raw deflate data, in chunks of bounded size, however well it was compressed.

    Raises zlib.error unless the data is one whole stream and nothing else.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for chunk in raw:
        yield inflater.decompress(chunk, _INFLATED_CHUNK)
        while inflater.unconsumed_tail:
            yield inflater.decompress(inflater.unconsumed_tail, _INFLATED_CHUNK)
    while not inflater.eof and (rest := inflater.decompress(b"", _INFLATED_CHUNK)):
        yield rest
    if not inflater.eof or inflater.unused_data:
        raise zlib.error(_NOT_WHOLE)


def inflate_at_once(data: bytes | bytearray, size: int) -> bytes:
    """The content of raw deflate data, of which it is known how long it should be; one byte more, if it is longer.

    Raises zlib.error unless the data is one whole stream and nothing else, as far as it was read.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    content = inflater.decompress(data, size + 1)
    if len(content) <= size and (not inflater.eof or inflater.unused_data):
        raise zlib.error(_NOT_WHOLE)
    return content

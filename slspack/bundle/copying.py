"""Copying part of a file into another: by the kernel where it can, through a buffer where it cannot."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO

BUFFER = 1 << 18
"""Small enough for a processor's cache, large enough that the calls cost nothing."""
# What copy_file_range(2) answers where the kernel, the file system or the pair of them cannot do it.
_UNABLE = frozenset({errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.ETXTBSY})


def copy_range(source: FileIO, offset: int, length: int, destination: FileIO) -> None:
    """Append `length` bytes of `source` from `offset` on to `destination`.

    Raises OSError as the system gives it, and if the source is shorter than that.
    """
    copied = _copy_in_kernel(source, offset, length, destination)
    for chunk in read_range(source, offset + copied, length - copied):
        write_all(destination, chunk)


def read_range(source: FileIO, offset: int, length: int) -> Iterator[memoryview]:
    """Part of a file, in chunks that are each good until the next is asked for. Raises OSError if it is shorter."""
    if not length:
        return
    source.seek(offset)
    buffer = memoryview(bytearray(min(BUFFER, length)))
    while length:
        count = source.readinto(buffer[:length])
        if not count:
            raise OSError(errno.EIO, f"`{source.name!s}` ends {length} bytes too early")
        yield buffer[:count]
        length -= count


def write_all(destination: FileIO, data: bytes | bytearray | memoryview) -> None:
    """Write all of `data`, however much the system takes at a time."""
    view = memoryview(data)
    while view:
        view = view[destination.write(view) :]


def _copy_in_kernel(source: FileIO, offset: int, length: int, destination: FileIO) -> int:
    """How many bytes the kernel has copied before it could not go on."""
    call = getattr(os, "copy_file_range", None)
    copied = 0
    while call is not None and copied < length:
        try:
            count = call(source.fileno(), destination.fileno(), length - copied, offset + copied)
        except OSError as error:
            if error.errno not in _UNABLE:
                raise
            break
        if not count:
            break
        copied += count
    return copied

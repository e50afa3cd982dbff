"""Where artifacts are written: beside their place first, then renamed over what was there."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_MB = 1 << 20


@contextmanager
def replacing(destination: Path, needed: int) -> Iterator[FileIO]:
    """A new file that takes the destination's place if the block succeeds; if it does not, nothing has changed.

    `needed` is the most bytes that it may take. Raises SLS0603 if the system cannot write it; other exceptions,
    KeyboardInterrupt among them, pass.
    """
    with reported(destination, needed):
        temporary = beside(destination)
        try:
            with _created(temporary) as output:
                _reserve(output, needed)
                yield output
                if output.tell() < needed:
                    output.truncate()
            temporary.replace(destination)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _created(path: Path) -> FileIO:
    """A new file. Not of `tempfile`, whose files are for their owner only: an artifact gets any file's permissions."""
    try:
        return path.open("xb", buffering=0)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb", buffering=0)


def _reserve(output: FileIO, size: int) -> None:
    """Have the file system find room at once, where it can.

    Writing is quicker then, and so is replacing: ext4 allocates and writes out a file that is renamed over another,
    which takes as long as copying it, unless its blocks are allocated already. The end is cut off when it is known.
    """
    allocate = getattr(os, "posix_fallocate", None)
    if allocate is not None and size:
        # `size` is more than is needed in the end: whether there is room for that, the writing itself will tell.
        with suppress(OSError):
            allocate(output.fileno(), 0, size)


def beside(destination: Path) -> Path:
    """A name that nothing has, in the same folder, for what is not yet whole."""
    return destination.with_name(f".{destination.name}.{os.urandom(6).hex()}")


@contextmanager
def reported(destination: Path, needed: int = 0) -> Iterator[None]:
    """Turn what the system answers to writing into SLS0603."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        about = f" (it needs about {-(-needed // _MB)} MB)" if needed and error.errno in _FULL else ""
        hint = (
            "free some space there, or write elsewhere with `--out`"
            if error.errno in _FULL
            else "see that the folder exists on a file system that can be written to, or write elsewhere with `--out`"
        )
        raise SlspackError.of(
            Code.DISK_FULL, f"`{os.fspath(destination)}` cannot be written: {reason}{about}", hint=hint
        ) from error

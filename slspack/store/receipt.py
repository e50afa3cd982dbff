"""What is known of an object's file beside it: its checksum, and how the file looked when that was last right."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from slspack.frozen import dataclass
from slspack.model import Digest

SUFFIX = ".receipt"
_FORMAT = "slspack-receipt/1"
_SETTLED = "-"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The sha256 and size of an object, its file's modification time in nanoseconds, and in which boot it was written.

    A file that was written shortly before the machine crashed may have the right size and not its content, so a receipt
    does not vouch for the file in another boot: it is then hashed once more, and from there on it is settled.
    """

    sha256: Digest
    size: int
    modified: int
    boot: str

    def vouches_for(self, state: os.stat_result) -> bool:
        """Whether a file that looks like this need not be hashed again."""
        return (state.st_size, state.st_mtime_ns) == (self.size, self.modified) and (
            self.boot == _SETTLED or self.boot == boot_id()
        )

    def encode(self) -> bytes:
        """One line of text."""
        return f"{_FORMAT} {self.sha256} {self.size} {self.modified} {self.boot}\n".encode()


@dataclass(frozen=True, slots=True)
class DatedReceipt:
    """A receipt, and when its object was last used (its file's modification time, in nanoseconds)."""

    receipt: Receipt | None
    used: int


def written_now(sha256: Digest, state: os.stat_result) -> Receipt:
    """The receipt of a file that has just been written."""
    return Receipt(sha256, state.st_size, state.st_mtime_ns, boot_id() or _SETTLED)


def read_again(sha256: Digest, state: os.stat_result, before: Receipt | None) -> Receipt:
    """The receipt of a file that has been hashed again: settled if it was written in an earlier boot."""
    same_file = before is not None and (before.size, before.modified) == (state.st_size, state.st_mtime_ns)
    settled = same_file and before is not None and before.boot != boot_id()
    return Receipt(sha256, state.st_size, state.st_mtime_ns, _SETTLED if settled else boot_id() or _SETTLED)


def receipt_path(path: Path) -> Path:
    """Where the receipt of the object at `path` is."""
    return path.with_name(path.name + SUFFIX)


def read_receipt(path: Path) -> DatedReceipt | None:
    """The receipt of the object at `path`; None if there is none, without a receipt if it cannot be read as one."""
    try:
        with receipt_path(path).open("rb", buffering=0) as stream:
            return DatedReceipt(_decode(stream.read(1024)), os.fstat(stream.fileno()).st_mtime_ns)
    except OSError:
        return None


@cache
def boot_id() -> str | None:
    """What names the time since this machine was started; None where the system does not say."""
    try:
        return _BOOT_ID.read_text("ascii").strip() or None
    except (OSError, ValueError):
        return None


def _decode(line: bytes) -> Receipt | None:
    try:
        kind, sha256, size, modified, boot = line.decode("ascii").split(" ")
        if kind != _FORMAT or len(sha256) != 64 or not boot.endswith("\n"):
            return None
        return Receipt(Digest(sha256), int(size), int(modified), boot[:-1])
    except ValueError:
        return None

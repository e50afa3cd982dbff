"""The sha256 of an artifact, computed in a thread of its own while the kernel copies."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from queue import Queue
from threading import Lock, Thread
from typing import TYPE_CHECKING, TypeAlias

from slspack.bundle.copying import BUFFER, read_range
from slspack.model import Digest
from slspack.stamps import stamp_of

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from slspack.stamps import Stamp

    Ranges: TypeAlias = tuple[tuple[Path, int, int], ...]
    """Parts of files, each with where it begins and how long it is, one after another."""
    _Hash = hashlib._Hash
    _Key = tuple[Ranges, tuple[Stamp | None, ...]]

_WAITING_PIECES = 8
"""How many pieces may wait to be hashed: they are what stays in memory."""
_MOST_BEGINNINGS = 1000


class Beginnings:
    """What hashing has come to after ranges of files: each sequence is read once a process.

    Functions that need the same wheels have artifacts that begin alike, and so has an artifact that is written again.
    The files are objects of the store, which do not change: one that nevertheless did is read again. Several threads
    may ask.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[_Key, _Hash] = OrderedDict()
        self._making: dict[_Key, Lock] = {}
        self._lock = Lock()

    def after(self, ranges: Ranges) -> _Hash:
        """A hash of its own for whoever goes on from there. Raises OSError where a file cannot be read."""
        key = ranges, tuple(stamp_of(path) for path in dict.fromkeys(path for path, _, _ in ranges))
        with self._lock:
            making = self._making.setdefault(key, Lock())
        with making:
            with self._lock:
                known = self._known.get(key)
            if known is None:
                known = _hashed(ranges)
            with self._lock:
                self._known[key] = known
                self._known.move_to_end(key)
                if len(self._known) > _MOST_BEGINNINGS:
                    gone, _ = self._known.popitem(last=False)
                    self._making.pop(gone, None)
            return known.copy()


def _hashed(ranges: Ranges) -> _Hash:
    sha256 = hashlib.sha256()
    for path, offset, length in ranges:
        with path.open("rb", buffering=0) as source:
            for chunk in read_range(source, offset, length):
                sha256.update(chunk)
    return sha256


_BEGINNINGS = Beginnings()


class StreamDigest:
    """The sha256 of ranges of files, and then of pieces in the order of their adding.

    `hashlib` lets other threads run, so that hashing is free: a thread begins with ranges that are worth one. (No
    executor: what that imports takes as long as writing a small artifact.)
    """

    def __init__(self, ranges: Ranges = (), beginnings: Beginnings = _BEGINNINGS) -> None:
        self._ranges = ranges
        self._beginnings = beginnings
        self._pieces: Queue[bytes | None] = Queue(_WAITING_PIECES)
        self._thread: Thread | None = None
        self._given_up = False
        self._failure: OSError | None = None

    def __enter__(self) -> StreamDigest:
        if sum(length for _, _, length in self._ranges) > BUFFER:
            self._thread = Thread(target=self._run, name="sha256", daemon=True)
            self._thread.start()
        else:
            self._sha256 = self._beginnings.after(self._ranges)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._given_up = True
        self._end()

    def add(self, data: bytes) -> None:
        """Bytes, which must not change afterwards."""
        if self._thread is None:
            self._sha256.update(data)
        else:
            self._pieces.put(data)

    def finish(self) -> Digest:
        """The digest of everything. Raises what reading a file raised."""
        self._end()
        if self._failure is not None:
            raise self._failure
        return Digest(self._sha256.hexdigest())

    def _end(self) -> None:
        if self._thread is not None:
            self._pieces.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        try:
            self._sha256 = self._beginnings.after(self._ranges)
        except OSError as error:
            self._failure = error
        while (piece := self._pieces.get()) is not None:
            # Where nobody wants the digest any more, whoever adds must still not wait for ever.
            if not self._given_up and self._failure is None:
                self._sha256.update(piece)

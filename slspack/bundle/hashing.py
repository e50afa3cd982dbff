"""The sha256 of an artifact, computed in a thread of its own while the kernel copies."""

from __future__ import annotations

import hashlib
from collections import deque
from typing import TYPE_CHECKING

from slspack.bundle.copying import read_range
from slspack.model import Digest

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor
    from pathlib import Path
    from types import TracebackType

_WAITING_PIECES = 8
"""How many pieces may wait to be hashed: they are what stays in memory."""


class StreamDigest:
    """The sha256 of pieces in the order of their adding. `hashlib` lets other threads run, so that hashing is free."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._thread: ThreadPoolExecutor | None = None
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> StreamDigest:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)

    def add(self, data: bytes) -> None:
        """Bytes, which must not change afterwards."""
        if self._thread is None:
            self._sha256.update(data)
        else:
            self._wait_for(self._thread.submit(self._sha256.update, data))

    def add_range(self, path: Path, offset: int, length: int) -> None:
        """Part of a file, which must not change until `finish`."""
        if self._thread is None:
            from concurrent.futures import ThreadPoolExecutor

            self._thread = ThreadPoolExecutor(1, "sha256")
        self._wait_for(self._thread.submit(self._hash_range, path, offset, length))

    def finish(self) -> Digest:
        """The digest of everything added. Raises what reading a file raised."""
        while self._waiting:
            self._waiting.popleft().result()
        return Digest(self._sha256.hexdigest())

    def _wait_for(self, piece: Future[None]) -> None:
        self._waiting.append(piece)
        if len(self._waiting) > _WAITING_PIECES:
            self._waiting.popleft().result()

    def _hash_range(self, path: Path, offset: int, length: int) -> None:
        with path.open("rb", buffering=0) as source:
            for chunk in read_range(source, offset, length):
                self._sha256.update(chunk)

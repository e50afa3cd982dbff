"""The sha256 of an artifact, computed in a thread of its own while the kernel copies."""

from __future__ import annotations

import hashlib
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, TypeAlias

from slspack.bundle.copying import BUFFER, read_range
from slspack.model import Digest

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    _Piece: TypeAlias = bytes | tuple[Path, int, int]

_WAITING_PIECES = 8
"""How many pieces may wait to be hashed: they are what stays in memory."""


class StreamDigest:
    """The sha256 of pieces in the order of their adding. `hashlib` lets other threads run, so that hashing is free.

    The thread begins with the first range that is worth one. (No executor: what that imports takes as long as writing
    a small artifact.)
    """

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._pieces: Queue[_Piece | None] = Queue(_WAITING_PIECES)
        self._thread: Thread | None = None
        self._given_up = False
        self._failure: OSError | None = None

    def __enter__(self) -> StreamDigest:
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

    def add_range(self, path: Path, offset: int, length: int) -> None:
        """Part of a file, which must not change until `finish`. What reading it raises may come there, too."""
        if self._thread is None and length <= BUFFER:
            self._hash((path, offset, length))
            return
        if self._thread is None:
            self._thread = Thread(target=self._run, name="sha256", daemon=True)
            self._thread.start()
        self._pieces.put((path, offset, length))

    def finish(self) -> Digest:
        """The digest of everything added. Raises what reading a file raised."""
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
        while (piece := self._pieces.get()) is not None:
            if self._given_up or self._failure is not None:
                continue  # whoever adds must not wait for ever
            try:
                self._hash(piece)
            except OSError as error:
                self._failure = error

    def _hash(self, piece: _Piece) -> None:
        if isinstance(piece, bytes):
            self._sha256.update(piece)
            return
        path, offset, length = piece
        with path.open("rb", buffering=0) as source:
            for chunk in read_range(source, offset, length):
                self._sha256.update(chunk)

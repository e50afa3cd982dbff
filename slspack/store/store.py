"""Objects in folders by kind and key, written apart from their place and renamed into it: none is ever half there."""

from __future__ import annotations

import os
import stat
import threading
import weakref
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from slspack.keys import digest_bytes, digest_file
from slspack.store.locks import holding, holding_briefly
from slspack.store.receipt import (
    Receipt,
    boot_id,
    read_again,
    read_receipt,
    receipt_path,
    written_now,
)
from slspack.store.renaming import remove, replace
from slspack.store.session import Session

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from slspack.model import Digest
    from slspack.store.kind import Kind

LAYOUT = "v1"

TOUCH_INTERVAL = 3600 * 10**9
"""Nanoseconds: an object whose last use was noted so shortly before a session began is not noted again in it."""

_CACHE_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This folder is slspack's store: everything in it can be made again (https://bford.info/cachedir/).\n"
)


class Store:
    """Content-addressed objects below one folder. Every method may be called by many threads and processes at once.

    Objects of the kinds in `unkept` live no longer than this value or this process. Those of the kinds in `renewed`
    count as absent until they are written through this value.
    """

    def __init__(
        self, root: Path, *, unkept: Collection[Kind] = frozenset(), renewed: Collection[Kind] = frozenset()
    ) -> None:
        self.root = root
        self.base = root / LAYOUT
        self.wrote = False
        """Whether anything that stays was written through this value."""
        self._unkept = frozenset(unkept)
        self._renewed = frozenset(renewed)
        self._written: set[tuple[Kind, Digest]] = set()
        self._session: Session | None = None
        self._end: weakref.finalize[..., Store] | None = None
        self._only_read = False
        self._starting = threading.Lock()

    @property
    def started(self) -> int:
        """When this process began to use the store, in nanoseconds by the file system's clock."""
        return self._started().started

    def path(self, kind: Kind, key: Digest) -> Path:
        """Where the object is, or would be."""
        if kind in self._unkept:
            return self._started().scratch() / kind.value / key
        return self.base / kind.value / key[:2] / key[2:]

    def find(self, kind: Kind, key: Digest) -> Path | None:
        """The object's file, or None if it is not there, or not what it was.

        The file's size and modification time are compared each time; where they are not as they were, its content is
        hashed, and thrown away if it was altered. What this gives stays there as long as the process lives.
        """
        found = self._find(kind, key)
        return found[0] if found else None

    def read(self, kind: Kind, key: Digest) -> bytes | None:
        """The object's content, hashed whole, or None if it is not there, or not what it was."""
        found = self._find(kind, key)
        if found is None:
            return None
        path, sha256 = found
        try:
            content = path.read_bytes()
            if sha256 in (None, digest_bytes(content)):
                return content
            # Altered without a trace in its file's metadata, or replaced between the two reads: the slow way tells.
            return path.read_bytes() if self.recheck(kind, key) else None
        except FileNotFoundError:
            return None

    def write(self, kind: Kind, key: Digest, content: bytes) -> Path:
        """Put an object there at once and whole."""
        with self.scratch() as temporary:
            temporary.write_bytes(content)
            return self._keep(kind, key, temporary, digest_bytes(content))

    @contextmanager
    def writing(self, kind: Kind, key: Digest) -> Iterator[Path]:
        """A temporary file on the same file system, which becomes the object if the block succeeds, else is removed.

        Raises OSError as the system gives it, ValueError if the content is not what a content-addressed key says.
        """
        with self.scratch() as temporary:
            yield temporary
            self._keep(kind, key, temporary)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A temporary file on the store's file system, for what will be an object once its key is known."""
        temporary = self._started().scratch() / os.urandom(8).hex()
        try:
            temporary.touch(exist_ok=False)
            yield temporary
        finally:
            remove(temporary)

    @contextmanager
    def exclusive(self, kind: Kind, key: Digest) -> Iterator[None]:
        """Hold an object's lock, so that two processes do not make the same object at the same time."""
        locks = self.base / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        with holding_briefly(locks / f"{kind.value}-{key}"):
            yield

    def close(self) -> None:
        """End this process's use of the store; using it again begins anew. The end of the process does it as well."""
        with self._starting:
            if self._end is not None:
                self._end()
            self._session = self._end = None

    @contextmanager
    def changing(self) -> Iterator[int]:
        """Hold the store's gate, through which every change of what it holds goes; give the file system's time.

        It is held for single renames and removals, never while something is made. It is not reentrant.
        """
        gate = self.base / "gate"
        if not self.base.is_dir():
            self.base.mkdir(parents=True, exist_ok=True)
        with holding(gate):
            os.utime(gate)
            yield gate.stat().st_mtime_ns

    def recheck(self, kind: Kind, key: Digest) -> bool:
        """Hash the object whatever is known of it. If it is not what it was, throw it away, and give False."""
        path = self.path(kind, key)
        while True:
            state, dated = _state(path), read_receipt(path)
            if state is None:
                return False
            receipt = dated.receipt if dated else None
            sha256 = key if kind.content_addressed else receipt.sha256 if receipt else None
            sound = sha256 is not None and _has_content(path, sha256)
            renewed = read_again(sha256, state, receipt) if sound and sha256 is not None else None
            try:
                if not self._settle(path, state, renewed):
                    continue  # another process has replaced or removed it meanwhile
            except OSError:
                pass  # the store is read-only or full: what was found out holds, and will be found out again
            return sound

    def _find(self, kind: Kind, key: Digest) -> tuple[Path, Digest | None] | None:
        """The object's file, and its sha256 where that is known without hashing it."""
        path = self.path(kind, key)
        if kind in self._unkept:
            return (path, None) if path.is_file() else None
        if self._is_hidden(kind, key):
            return None
        session = self._join()
        state = _state(path)
        if state is None:
            return None
        dated = read_receipt(path)
        if dated is None or dated.receipt is None or not dated.receipt.vouches_for(state):
            return (path, None) if self.recheck(kind, key) else None
        if session is not None and dated.used < session.started - TOUCH_INTERVAL and not self._touch(path):
            return None
        return path, dated.receipt.sha256

    def _is_hidden(self, kind: Kind, key: Digest) -> bool:
        return kind in self._renewed and (kind, key) not in self._written

    def _keep(self, kind: Kind, key: Digest, temporary: Path, known: Digest | None = None) -> Path:
        path = self.path(kind, key)
        if kind in self._unkept:
            path.parent.mkdir(exist_ok=True)
            replace(temporary, path)
            return path
        sha256 = known or digest_file(temporary)
        if kind.content_addressed and sha256 != key:
            raise ValueError(f"content with the sha256 {sha256} cannot be kept as {key}")
        self._commit(path, temporary, sha256)
        self.wrote = True
        self._written.add((kind, key))
        return path

    def _commit(self, path: Path, temporary: Path, sha256: Digest) -> None:
        if boot_id() is None:
            # No receipt could tell that the machine crashed before the content was on the disk.
            _flush(temporary)
        receipt = self._scratch_receipt(written_now(sha256, temporary.stat()))
        try:
            with self.changing():
                if not self._is_there(path, sha256):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    replace(temporary, path)
                    replace(receipt, receipt_path(path))
        finally:
            remove(receipt)

    def _is_there(self, path: Path, sha256: Digest) -> bool:
        """Whether that very object is in place. It is then left there: another process may have it open."""
        state = _state(path)
        dated = read_receipt(path) if state else None
        if state is None or dated is None or dated.receipt is None:
            return False
        if dated.receipt.sha256 != sha256 or not dated.receipt.vouches_for(state):
            return False
        os.utime(receipt_path(path))
        return True

    def _settle(self, path: Path, state: os.stat_result, receipt: Receipt | None) -> bool:
        """Give the object a new receipt, or without one remove it. False if it no longer looks like `state`."""
        written = self._scratch_receipt(receipt) if receipt else None
        try:
            with self.changing():
                if not _same(_state(path), state):
                    return False
                if written is None:
                    discard(path)
                else:
                    replace(written, receipt_path(path))
        finally:
            if written is not None:
                remove(written)
        return True

    def _scratch_receipt(self, receipt: Receipt) -> Path:
        path = self._started().scratch() / os.urandom(8).hex()
        path.write_bytes(receipt.encode())
        return path

    def _touch(self, path: Path) -> bool:
        """Note that the object is used. False if it was removed at that moment."""
        try:
            with self.changing():
                if _state(path) is None:
                    return False
                os.utime(receipt_path(path))
        except OSError:
            pass  # the store is read-only: nobody removes anything from it either
        return True

    def _join(self) -> Session | None:
        """This process's session; None where the store cannot be written."""
        if self._session is None and not self._only_read:
            try:
                return self._started()
            except OSError:
                self._only_read = True
        return self._session

    def _started(self) -> Session:
        with self._starting:
            if self._session is None:
                with self.changing() as now:
                    self._session = Session.start(self.base / "sessions", now)
                self._end = weakref.finalize(self, self._session.close)
                with suppress(FileExistsError), (self.root / "CACHEDIR.TAG").open("x", encoding="ascii") as tag:
                    tag.write(_CACHE_TAG)
            return self._session


def discard(path: Path) -> bool:
    """Remove an object and what is known of it, while the gate is held. False if it is open where that prevents it."""
    return remove(path) and remove(receipt_path(path))


def _has_content(path: Path, sha256: Digest) -> bool:
    try:
        return digest_file(path) == sha256
    except OSError:
        return False  # removed meanwhile, or no longer readable: as good as damaged


def _state(path: Path) -> os.stat_result | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state if stat.S_ISREG(state.st_mode) else None


def _same(state: os.stat_result | None, before: os.stat_result) -> bool:
    return state is not None and (state.st_ino, state.st_size, state.st_mtime_ns) == (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    )


def _flush(path: Path) -> None:
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())

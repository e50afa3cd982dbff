"""The database of one service: values by kind and key, in `.slspack/state.db`."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

VERSION = 3
_PAGE = 1 << 14
"""Bytes: most of what is kept lies in a few values of hundreds of kilobytes, and short pages make them long chains."""
_PATIENCE = 10.0
"""Seconds that a process waits for another that is writing."""


class Database:
    """Opened at the first use. What it holds can be made again: a database that cannot be read is begun anew.

    No method fails. Where nothing can be written, nothing is kept.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: sqlite3.Connection | None = None

    def get(self, kind: str, key: str) -> bytes | None:
        """The value, or None if there is none."""
        if self._opened is None and not self._path.is_file():
            return None
        row: object = None
        with self._mending():
            row = (
                self._connection().execute("SELECT value FROM kept WHERE kind = ? AND key = ?", (kind, key)).fetchone()
            )
        match row:
            case (bytes() as value,):
                return value
        return None

    def put(self, values: Iterable[tuple[str, str, bytes]]) -> None:
        """Keep values, each after its kind and key: all of them or none, for all readers at once."""
        with self._mending(), self._connection() as connection:
            connection.executemany("INSERT OR REPLACE INTO kept (kind, key, value) VALUES (?, ?, ?)", values)

    def prune(self, kind: str, most: int, wanted: Callable[[], Collection[str]]) -> None:
        """Where there are more than so many values of a kind, keep those of the keys that are `wanted`."""
        with self._mending(), self._connection() as connection:
            (count,) = connection.execute("SELECT count(*) FROM kept WHERE kind = ?", (kind,)).fetchone()
            if count > most:
                keys = wanted()
                known = connection.execute("SELECT key FROM kept WHERE kind = ?", (kind,)).fetchall()
                connection.executemany(
                    "DELETE FROM kept WHERE kind = ? AND key = ?", [(kind, key) for (key,) in known if key not in keys]
                )

    def close(self) -> None:
        """Let go of the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @contextlib.contextmanager
    def _mending(self) -> Iterator[None]:
        """Where the file turns out to be no database of ours, take it away, and say nothing."""
        try:
            yield
        except (sqlite3.OperationalError, OSError):
            # Locked for too long, a full disk, a read-only folder: a build goes on without its memory.
            self.close()
        except sqlite3.DatabaseError:
            self.close()
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._opened = connection = sqlite3.connect(self._path, timeout=_PATIENCE, check_same_thread=False)
            # What is lost in a power cut is made again, so that no write has to wait for the disk.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(f"PRAGMA page_size = {_PAGE}")  # of a file that is still empty
            if not _is_ours(connection):
                _begin_anew(connection)
        return self._opened


def _is_ours(connection: sqlite3.Connection) -> bool:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return bool(version == VERSION)


def _begin_anew(connection: sqlite3.Connection) -> None:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if _is_ours(connection):
            return  # another process was quicker
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept (kind TEXT, key TEXT, value BLOB, PRIMARY KEY (kind, key))")
        connection.execute(f"PRAGMA user_version = {VERSION}")

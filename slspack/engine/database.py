"""The database of one service: values by kind and key, in `.slspack/state.db`."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

VERSION = 1
_PATIENCE = 10.0
"""Seconds that a process waits for another that is writing."""


class Database:
    """Opened at the first use. What it holds can be made again: a database that cannot be read is begun anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: sqlite3.Connection | None = None

    def get(self, kind: str, key: str) -> bytes | None:
        """The value, or None if there is none."""
        if self._opened is None and not self._path.is_file():
            return None
        row: tuple[bytes] | None = None
        with self._mended() as connection:
            row = connection.execute("SELECT value FROM kept WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return bytes(row[0]) if row else None

    def put(self, kind: str, values: Iterable[tuple[str, bytes]]) -> None:
        """Keep values under their keys, all of them or none."""
        with self._mended() as connection, connection:
            rows = ((kind, key, value) for key, value in values)
            connection.executemany("INSERT OR REPLACE INTO kept (kind, key, value) VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Let go of the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @contextlib.contextmanager
    def _mended(self) -> Iterator[sqlite3.Connection]:
        """The connection; where the file turns out to be no database of ours, it is taken away and nothing is said."""
        try:
            yield self._connection()
        except sqlite3.OperationalError:
            # Locked for too long, a full disk, a read-only folder: a build goes on without its memory.
            self.close()
        except sqlite3.DatabaseError:
            self.close()
            self._path.unlink(missing_ok=True)

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=_PATIENCE, check_same_thread=False)
            self._opened = connection
            # What is lost in a power cut is made again, so that no write has to wait for the disk.
            connection.execute("PRAGMA synchronous = OFF")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                with connection:
                    connection.execute("DROP TABLE IF EXISTS kept")
                    connection.execute(
                        "CREATE TABLE kept (kind TEXT, key TEXT, value BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID"
                    )
                    connection.execute(f"PRAGMA user_version = {VERSION}")
        return self._opened

"""Which commit a branch or a tag stood for when it was first asked for: kept beside the resolutions, until renewed."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

_SCHEMA = "slspack-revisions/1"


class Revisions:
    """One JSON file. With `renew`, what was kept before counts no more. Usable by many threads."""

    def __init__(self, path: Path, *, renew: bool = False) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._hidden = renew
        self._fresh: dict[str, str] = {}

    def commit(self, origin: str) -> str | None:
        """The commit kept for a repository and revision."""
        with self._lock:
            return self._fresh.get(origin) or (None if self._hidden else self._read().get(origin))

    def keep(self, origin: str, commit: str) -> None:
        """Keep a commit. Where nothing can be written, nothing is kept for the next run."""
        with self._lock:
            self._fresh[origin] = commit
            content = {"schema": _SCHEMA, "commits": {**self._read(), **self._fresh}}
            temporary = ""
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                handle, temporary = tempfile.mkstemp(prefix=".writing-", dir=self._path.parent)
                with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                    json.dump(content, stream, indent=1, sort_keys=True)
                    stream.write("\n")
                Path(temporary).replace(self._path)
            except OSError:
                with suppress(OSError):
                    Path(temporary).unlink()

    def _read(self) -> dict[str, str]:
        try:
            content = json.loads(self._path.read_text("utf-8"))
            commits = content["commits"] if content["schema"] == _SCHEMA else {}
            return {key: value for key, value in commits.items() if isinstance(value, str)}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

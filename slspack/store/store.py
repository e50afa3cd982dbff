"""Objects in folders by kind and key, written beside their place and renamed into it: none is ever half there."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.model import Digest

LAYOUT = "v1"


class Kind(Enum):
    """What an object is. Each kind is a folder of its own."""

    WHEEL = "wheels"
    """A wheel, by its sha256."""
    FACTS = "facts"
    """File list and METADATA of a wheel, by its sha256."""
    IMPORTS = "imports"
    """What a wheel's own sources import, by its sha256 and the scanner's version."""
    SEGMENT = "segments"
    """A wheel's entries inside a zip, by wheel and options."""
    INDEX_PAGE = "index"
    """An index's answer for one distribution."""


def default_location(environment: Mapping[str, str]) -> Path:
    """The store's folder: `SLSPACK_CACHE_DIR`, or `slspack` in the user's cache folder."""
    chosen = environment.get("SLSPACK_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("slspack", appauthor=False)


class Store:
    """Content-addressed objects below one folder. Every method may be called by many threads and processes at once."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, kind: Kind, key: Digest) -> Path:
        """Where the object is, or would be."""
        return self.root / LAYOUT / kind.value / key[:2] / key[2:]

    def find(self, kind: Kind, key: Digest) -> Path | None:
        """The object's file, or None if it is not there."""
        path = self.path(kind, key)
        return path if path.is_file() else None

    def read(self, kind: Kind, key: Digest) -> bytes | None:
        """The object's content, or None if it is not there."""
        try:
            return self.path(kind, key).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, kind: Kind, key: Digest, content: bytes) -> Path:
        """Put an object there at once and whole."""
        with self.writing(kind, key) as temporary:
            temporary.write_bytes(content)
        return self.path(kind, key)

    @contextmanager
    def writing(self, kind: Kind, key: Digest) -> Iterator[Path]:
        """A temporary file beside the object's place: renamed into it if the block succeeds, else removed."""
        path = self.path(kind, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    @contextmanager
    def exclusive(self, kind: Kind, key: Digest) -> Iterator[None]:
        """Hold an object's lock, so that two processes do not make the same object at the same time."""
        from filelock import FileLock

        path = self.path(kind, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f"{path.name}.lock")):
            yield

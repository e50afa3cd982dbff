"""The tar archives in which files go into a container and come out of it."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import tempfile
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

EPOCH = 315532800
"""1980-01-01, the first time that a zip archive can hold: every file goes in with it, and SOURCE_DATE_EPOCH is it."""


class Archive:
    """A tar archive in the making: everything is root's, has one time, and plain modes."""

    def __init__(self) -> None:
        self._stream = tempfile.TemporaryFile()  # noqa: SIM115
        self._tar = tarfile.open(fileobj=self._stream, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._folders = set[PurePosixPath]()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def finished(self) -> IO[bytes]:
        """The archive from its start; nothing can be added any more."""
        self._tar.close()
        self._stream.seek(0)
        return self._stream

    def add_bytes(self, name: str, content: bytes, mode: int = 0o644) -> None:
        """One file."""
        self._add_parents(PurePosixPath(name))
        entry = _entry(name, mode)
        entry.size = len(content)
        self._tar.addfile(entry, io.BytesIO(content))

    def add_folder(self, name: str, mode: int = 0o755) -> None:
        """A folder, with those above it."""
        self._add_parents(PurePosixPath(name))
        if PurePosixPath(name) not in self._folders:
            self._folders.add(PurePosixPath(name))
            entry = _entry(name, mode)
            entry.type = tarfile.DIRTYPE
            self._tar.addfile(entry)

    def add_file(self, name: str, path: Path) -> None:
        """A file, read in chunks; it stays executable where it is."""
        self._add_parents(PurePosixPath(name))
        with path.open("rb") as content:
            status = os.fstat(content.fileno())
            entry = _entry(name, 0o755 if status.st_mode & stat.S_IXUSR else 0o644)
            entry.size = status.st_size
            self._tar.addfile(entry, content)

    def add_tree(self, name: str, folder: Path) -> None:
        """A folder with all that is in it, in the order of names. Links stay links; sockets and the like are left."""
        self.add_folder(name)
        with os.scandir(folder) as listing:
            children = sorted(listing, key=lambda child: child.name)
        for child in children:
            inner = f"{name}/{child.name}"
            if child.is_symlink():
                entry = _entry(inner, 0o777)
                entry.type, entry.linkname = tarfile.SYMTYPE, os.readlink(child.path)  # noqa: PTH115
                self._tar.addfile(entry)
            elif child.is_dir():
                self.add_tree(inner, folder / child.name)
            elif child.is_file():
                self.add_file(inner, folder / child.name)

    def _add_parents(self, name: PurePosixPath) -> None:
        for parent in reversed(name.parents[:-1]):
            if parent not in self._folders:
                self._folders.add(parent)
                entry = _entry(str(parent), 0o755)
                entry.type = tarfile.DIRTYPE
                self._tar.addfile(entry)


def files_in(archive: IO[bytes]) -> dict[str, bytes]:
    """The plain files of an archive by their names, which are only looked at, never used as paths."""
    with tarfile.open(fileobj=archive, mode="r|") as tar:
        found = {}
        for member in tar:
            stream = tar.extractfile(member) if member.isreg() else None
            if stream is not None:
                found[member.name] = stream.read()
        return found


def _entry(name: str, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.mtime, entry.uid, entry.gid = mode, EPOCH, 0, 0
    return entry

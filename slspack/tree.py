"""The service's own files: the one place from which first-party folders and files are read."""

from __future__ import annotations

import os
import posixpath
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.keys import digest_bytes
from slspack.model import FileSource, Location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_EXECUTABLE_STARTS = (b"#!", b"\x7fELF")


class ServiceTree:
    """Folders and files below a service's root, by POSIX paths relative to it. Listings are read once and kept.

    A symbolic link counts as what it points to, as long as that is inside the service; where it is not, the link is
    invisible to listings and reading it raises SLS0602.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real_root = Path(os.path.realpath(root))
        self._folders: dict[str, Mapping[str, bool]] = {}
        self._sources: dict[str, FileSource] = {}
        self._executable: dict[str, bool] = {}

    def children(self, folder: str) -> Mapping[str, bool]:
        """The names in a folder, sorted, each with whether it is a folder itself; empty if there is no such folder."""
        known = self._folders.get(folder)
        if known is None:
            known = self._folders[folder] = self._list(folder)
        return known

    def is_file(self, path: str) -> bool:
        """Whether there is a file of exactly that name (also on a file system that ignores case)."""
        folder, name = posixpath.split(path)
        return self.children(folder or ".").get(name) is False

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder of exactly that name."""
        if path == ".":
            return True
        folder, name = posixpath.split(path)
        return self.children(folder or ".").get(name) is True

    def read(self, path: str) -> bytes:
        """A file's content. Raises SLS0602 if a link leads out of the service, SLS0604 if it is gone or unreadable."""
        try:
            return self.resolve(path).read_bytes()
        except OSError as error:
            raise SlspackError.of(
                Code.FILE_CHANGED, f"`{path}` cannot be read: {error.strerror}", at=Location(path)
            ) from error

    def source(self, path: str) -> FileSource:
        """A file as the source of an entry: its path, content hash and size in bytes. Each file is read once."""
        known = self._sources.get(path)
        if known is None:
            content = self.read(path)
            known = self._sources[path] = FileSource(path, digest_bytes(content), len(content))
        return known

    def is_executable(self, path: str) -> bool:
        """Whether the owner may execute it; on Windows, which keeps no such bit, whether it looks like a program."""
        known = self._executable.get(path)
        if known is None:
            known = self._executable[path] = self._may_execute(path)
        return known

    def resolve(self, path: str) -> Path:
        """The absolute path of a file. Raises SLS0602 if a link on the way leads out of the service."""
        absolute = self.root / path
        if not self._is_inside(absolute):
            raise SlspackError.of(
                Code.SYMLINK_ESCAPES,
                f"`{path}` leads out of the service through a symbolic link",
                at=Location(path),
                hint="copy the file into the service, or exclude the link with `package.patterns`",
            )
        return absolute

    def walk(self, folder: str = ".", enter: Callable[[str], bool] = lambda _: True) -> Iterator[str]:
        """Every file below a folder, sorted within each folder; below it only what `enter` says yes to is entered.

        A folder linked into itself is entered once.
        """
        yield from self._walk(folder, enter, frozenset({os.path.realpath(self.root / folder)}))

    def _walk(self, folder: str, enter: Callable[[str], bool], above: frozenset[str]) -> Iterator[str]:
        for name, is_folder in self.children(folder).items():
            path = name if folder == "." else f"{folder}/{name}"
            if not is_folder:
                yield path
                continue
            if not enter(path):
                continue
            real = os.path.realpath(self.root / path)
            if real not in above:
                yield from self._walk(path, enter, above | {real})

    def _may_execute(self, path: str) -> bool:
        if os.name == "nt":
            return self.read(path).startswith(_EXECUTABLE_STARTS)
        return bool(self.resolve(path).stat().st_mode & stat.S_IXUSR)

    def _list(self, folder: str) -> Mapping[str, bool]:
        found: dict[str, bool] = {}
        try:
            with os.scandir(self.root / folder) as entries:
                for entry in entries:
                    if entry.is_symlink() and not self._is_inside(Path(entry.path)):
                        continue
                    if entry.is_dir():
                        found[entry.name] = True
                    elif entry.is_file():
                        found[entry.name] = False
        except (FileNotFoundError, NotADirectoryError):
            return {}
        return dict(sorted(found.items()))

    def _is_inside(self, absolute: Path) -> bool:
        return Path(os.path.realpath(absolute)).is_relative_to(self._real_root)

"""The service's own files: the one place from which first-party folders and files are read."""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.keys import digest_bytes
from slspack.model import Digest, FileSource, Location
from slspack.stamps import SeenFile, SeenFolder, stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from slspack.stamps import Stamp

OWN_FOLDER = ".slspack"
TREES_FOLDER = "slspack_dist"
"""Where folders go: emulators import Python by path, and a dot in a folder's name would break that."""
_NO_FOLDER = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
"""Nothing is there, or no folder, or a link in a circle, which leads to none."""
_EXECUTABLE_STARTS = (b"#!", b"\x7fELF")


class ServiceTree:
    """Folders and files below a service's root, by POSIX paths relative to it. Each is read once and remembered.

    slspack's own folders are not seen. A symbolic link counts as what it points to, as long as that is inside the
    service; where it is not, the link is invisible to listings and reading it raises SLS0602.
    """

    def __init__(self, root: Path, known: Mapping[str, SeenFile] | None = None) -> None:
        """`known` is what was found of the files just now: content is not read again while its stamp holds."""
        self.root = root
        self.seen_files: dict[str, SeenFile] = {}
        self.seen_folders: dict[str, SeenFolder] = {}
        self._known = known or {}
        self._real_root = Path(os.path.realpath(root))
        self._admitted: dict[str, Path] = {}
        self._folders: dict[str, Mapping[str, bool]] = {}
        self._sources: dict[str, FileSource] = {}
        self._inside: dict[str, bool] = {}

    def admit(self, folder: str) -> None:
        """Let a folder outside of the service, and what is below it, be read like the service's own."""
        if folder.split("/")[0] == "..":
            self._admitted[folder] = Path(os.path.realpath(self.root / folder))

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

    def is_own(self, folder: str) -> bool:
        """Whether a path that leads out of the service leads back to its own folder."""
        return folder.startswith("../") and self._absolute(folder) == self._absolute(".")

    def read(self, path: str) -> bytes:
        """A file's content. Raises SLS0602 if a link leads out of the service, SLS0604 if it is gone or unreadable.

        So it does if the content is no longer that of `source`: one build has one opinion of each file.
        """
        try:
            content = self.resolve(path).read_bytes()
        except OSError as error:
            raise SlspackError.of(
                Code.FILE_CHANGED, f"`{path}` cannot be read: {error.strerror}", at=Location(path)
            ) from error
        known = self._sources.get(path)
        if known is not None and known.sha256 != digest_bytes(content):
            raise SlspackError.of(
                Code.FILE_CHANGED, f"`{path}` changed during the build", at=Location(path), hint="build again"
            )
        return content

    def source(self, path: str) -> FileSource:
        """A file as the source of an entry: its path, content hash and size in bytes."""
        found = self._sources.get(path)
        if found is None:
            stamp = self._stamp(path)
            known = self._known.get(path)
            if known is not None and known.stamp == stamp:
                found = FileSource(path, Digest(known.sha256), stamp.size)
            else:
                content = self.read(path)
                found = FileSource(path, digest_bytes(content), len(content))
            self._sources[path] = found
            self.seen_files[path] = SeenFile(stamp, found.sha256)
        return found

    def is_executable(self, path: str) -> bool:
        """Whether the owner may execute it; on Windows, which keeps no such bit, whether it looks like a program."""
        if os.name == "nt":
            return self.read(path).startswith(_EXECUTABLE_STARTS)
        self.source(path)
        return bool(self.seen_files[path].stamp.mode & stat.S_IXUSR)

    def resolve(self, path: str) -> Path:
        """The absolute path of a file. Raises SLS0602 if a link on the way leads out of the service."""
        absolute = self.root / path
        if not (self._is_admitted(path) if path.startswith("../") else self._leads_inside(path, absolute)):
            raise SlspackError.of(
                Code.SYMLINK_ESCAPES,
                f"`{path}` leads out of the service through a symbolic link",
                at=Location(path),
                hint="copy the file into the service, or exclude the link with `package.patterns`",
            )
        return absolute

    def _absolute(self, folder: str) -> str:
        return posixpath.normpath(f"{self.root.as_posix()}/{folder}")

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

    def _leads_inside(self, path: str, absolute: Path) -> bool:
        """As `_is_inside`, but the links on the way to a folder are followed once for all that is in it."""
        folder = path.rpartition("/")[0]
        inside = self._inside.get(folder)
        if inside is None:
            inside = self._inside[folder] = self._is_inside(absolute.parent)
        return inside if not os.path.islink(absolute) else self._is_inside(absolute)  # noqa: PTH114 (a hot loop)

    def _stamp(self, path: str) -> Stamp:
        stamp = stamp_of(self.resolve(path))
        if stamp is None:
            raise SlspackError.of(Code.FILE_CHANGED, f"`{path}` is gone", at=Location(path))
        return stamp

    def _list(self, folder: str) -> Mapping[str, bool]:
        stamp = stamp_of(self.root / folder)
        if folder.startswith("../") and not self._is_admitted(folder):
            return {}
        names, linked = list_folder(self.root, folder, inside_of(folder, self._is_inside))
        self.seen_folders[folder] = SeenFolder(stamp, names, linked)
        return {name: is_folder for name, is_folder in names if is_folder is not None}

    def _is_admitted(self, path: str) -> bool:
        real = Path(os.path.realpath(self.root / path))
        return any(real.is_relative_to(admitted) for admitted in self._admitted.values())

    def _is_inside(self, absolute: Path) -> bool:
        return Path(os.path.realpath(absolute)).is_relative_to(self._real_root)


def inside_of(folder: str, is_inside: Callable[[Path], bool]) -> Callable[[Path], bool]:
    """What `list_folder` asks of links in a folder: in one outside of the service, links are not followed."""
    return (lambda _: False) if folder.startswith("../") else is_inside


def list_folder(
    root: Path, folder: str, is_inside: Callable[[Path], bool]
) -> tuple[tuple[tuple[str, bool | None], ...], bool]:
    """The names in a folder of a service, as `SeenFolder` has them, and whether any of them is a link.

    `is_inside` says whether a link stays in the service. slspack's own folders are left out.
    """
    found: dict[str, bool | None] = {}
    linked = False
    try:
        with os.scandir(root / folder) as entries:
            for entry in entries:
                is_link = entry.is_symlink()
                linked |= is_link
                is_folder = _is_folder(entry) if not is_link or is_inside(Path(entry.path)) else None
                if is_folder is not None or is_link:
                    found[entry.name] = is_folder
    except OSError as error:
        if error.errno not in _NO_FOLDER:
            raise
        return (), False
    if folder == ".":
        for own in (OWN_FOLDER, TREES_FOLDER):
            found.pop(own, None)
    return tuple(sorted(found.items(), key=lambda item: item[0])), linked


def _is_folder(entry: os.DirEntry[str]) -> bool | None:
    """Whether it is a folder; None for what is neither that nor a file, as a link that leads nowhere or in a circle."""
    try:
        if entry.is_dir():
            return True
        return False if entry.is_file() else None
    except OSError:
        return None

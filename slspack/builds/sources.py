"""Sources brought to this machine: found by what decides their content, then unpacked where a build may write."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.builds.builder import StoppedError
from slspack.builds.folders import copy_tree, source_files, tree_digest
from slspack.builds.origins import ArchiveOrigin, FolderOrigin, GitOrigin
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.keys import key_of
from slspack.model import Digest, LockedDistribution, WheelFile, dist_name
from slspack.registry import local_path
from slspack.store import Kind
from slspack.wheels.download import transfer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Event

    from slspack.builds.git import Git
    from slspack.builds.origins import SourceOrigin
    from slspack.builds.revisions import Revisions
    from slspack.looks import Looks
    from slspack.registry import RegistrySession
    from slspack.store import Store


@dataclass(frozen=True, slots=True)
class Source:
    """Where a source comes from, to the last bit: an archive with its hash, a commit, a folder."""

    origin: SourceOrigin
    key: Digest
    """What decides the content: the archive's hash, the commit, or the folder's files; and the subdirectory."""


@dataclass(frozen=True, slots=True)
class UnpackedSource:
    """A private copy of a project's folder, in which a build may write."""

    folder: Path
    digest: Digest
    """sha256 of the archive, else of the normalised tree."""


class Sources:
    """Archives, repositories and folders. What comes from elsewhere comes with the user's own configuration."""

    def __init__(
        self,
        root: Path,
        store: Store,
        session: RegistrySession,
        revisions: Revisions,
        git: Git,
        looks: Looks,
        stop: Event,
    ) -> None:
        """`root` is the service's folder. Folders and archives on this machine are noted in `looks`."""
        self._root, self._store, self._session = root, store, session
        self._revisions, self._git, self._looks, self._stop = revisions, git, looks, stop

    def find(self, origin: SourceOrigin) -> Source:
        """Pin a source: hash an archive that nobody stated a hash of, ask for a branch's commit, read a folder.

        Raises SLS0512 where it is not there, and what a download raises.
        """
        if isinstance(origin, ArchiveOrigin):
            if origin.sha256 is None:
                origin = replace(origin, sha256=self._archive(origin))
            return Source(origin, key_of("archive", origin.sha256, origin.subdirectory))
        if isinstance(origin, GitOrigin):
            commit = self._commit(origin)
            return Source(origin.at(commit), key_of("commit with submodules", commit, origin.subdirectory))
        folder = self._folder(origin)
        for path in source_files(folder, lambda visited: self._looks.look(self._name(visited), visited)):
            self._looks.look(self._name(folder / path), folder / path)
        return Source(origin, key_of("folder", tree_digest(folder)))

    @contextmanager
    def unpacked(self, source: Source, log: Path) -> Iterator[UnpackedSource]:
        """The project's folder, for as long as the block lasts. Raises SLS0512, SLS0513 and what a download raises."""
        from slspack.builds.unpacking import check_project, project_folder, unpack

        with tempfile.TemporaryDirectory(prefix="slspack-source-") as scratch:
            place = Path(scratch, "source")
            origin = source.origin
            if isinstance(origin, ArchiveOrigin):
                place.mkdir()
                sha256 = self._archive(origin)
                unpack(self._store.path(Kind.SDIST, sha256), origin.filename, place)
                yield UnpackedSource(project_folder(place, origin.subdirectory, f"`{origin.filename}`"), sha256)
            elif isinstance(origin, GitOrigin):
                self._git.check_out(origin, place, log)
                folder = place / origin.subdirectory
                check_project(folder, f"`{origin}`")
                yield UnpackedSource(folder, tree_digest(folder))
            else:
                copy_tree(self._folder(origin), place)
                check_project(place, f"the folder `{origin}`")
                yield UnpackedSource(place, tree_digest(place))

    def folder(self, origin: SourceOrigin) -> Path:
        """Where a folder is on this machine. Raises SLS0512 where it is not there."""
        if not isinstance(origin, FolderOrigin):
            raise TypeError(f"{origin} is no folder")
        return self._folder(origin)

    def is_own(self, origin: SourceOrigin) -> bool:
        """Whether it is the service's own folder."""
        return isinstance(origin, FolderOrigin) and self._folder(origin) == self._root.resolve()

    def _commit(self, origin: GitOrigin) -> str:
        if origin.commit is not None:
            return origin.commit
        known = self._revisions.commit(str(origin))
        if known is None:
            known = self._git.commit_of(origin)
            if known is None:
                with tempfile.TemporaryDirectory(prefix="slspack-source-") as scratch:
                    known = self._git.check_out(origin, Path(scratch, "source"), Path(scratch, "log"))
            self._revisions.keep(str(origin), known)
        return known

    def _archive(self, origin: ArchiveOrigin) -> Digest:
        """The sha256 of an archive that is in the store now. Raises SLS0502 where it is not the stated one."""
        if origin.sha256 is not None and self._store.find(Kind.SDIST, origin.sha256) is not None:
            return origin.sha256
        place = local_path(origin.url)
        url = origin.url if place is None else (self._root / place.expanduser()).resolve().as_uri()
        if place is not None:
            self._looks.look(str(self._root / place), self._root / place)
        # What is transferred is told of as a file of a distribution, whose name is the archive's.
        file = WheelFile(origin.filename, url, origin.sha256 or Digest(""), origin.size)
        unknown = LockedDistribution(dist_name(origin.filename), "", file)
        with self._store.scratch() as path:
            actual = transfer(self._session, unknown, path, _Interruptible(self._stop))
            if origin.sha256 not in (None, actual):
                raise SlspackError.of(
                    Code.HASH_MISMATCH,
                    f"`{origin.filename}` is not the file that was asked for\n"
                    f"  expected sha256 {origin.sha256}\n"
                    f"  actual   sha256 {actual}",
                    hint="do not use this file unless you know why it changed; if you do, write its new hash",
                )
            with self._store.writing(Kind.SDIST, actual) as temporary:
                path.replace(temporary)
        return actual

    def _folder(self, origin: FolderOrigin) -> Path:
        folder = (self._root / Path(origin.path).expanduser()).resolve() / origin.subdirectory
        self._looks.look(self._name(folder / "pyproject.toml"), folder / "pyproject.toml")
        if not folder.is_dir():
            raise SlspackError.of(
                Code.SOURCE_UNAVAILABLE,
                f"there is no folder `{origin.path}`",
                hint="a path is relative to the file that names it, or to the service",
            )
        return folder

    def _name(self, place: Path) -> str:
        try:
            return place.relative_to(self._root.resolve()).as_posix()
        except ValueError:
            return str(place)


class _Interruptible:
    """Lets a download end where the run does."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop

    def advance(self, count: int) -> None:
        del count
        if self._stop.is_set():
            raise StoppedError

    def pause(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise StoppedError

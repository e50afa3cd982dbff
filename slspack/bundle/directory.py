"""The folder of a plan (`--format dir`): the files that its zip would hold, under the same names and modes."""

from __future__ import annotations

import errno
import os
import shutil
from typing import TYPE_CHECKING

from slspack.bundle.content import content_of
from slspack.bundle.copying import read_range
from slspack.bundle.deflate import inflate
from slspack.bundle.output import beside, reported
from slspack.bundle.ziprecords import DEFLATED
from slspack.model import Artifact

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from io import FileIO
    from pathlib import Path

    from slspack.bundle.segments import Segment
    from slspack.bundle.ziprecords import ZipEntry
    from slspack.model import ArchivePath, DistName, Plan
    from slspack.tree import ServiceTree

_NO_MODES = frozenset({errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})


def write_directory(plan: Plan, segments: Mapping[DistName, Segment], tree: ServiceTree, destination: Path) -> Artifact:
    """Write the files of `plan` into a new folder that then takes the place of what `destination` may be.

    `segments` has the segment of each of the plan's wheels. Raises SLS0603 if it cannot be written, SLS0604 if a
    first-party file is no longer what was planned; the previous folder then stays as it was.
    """
    with reported(destination, plan.unzipped_bytes):
        destination.parent.mkdir(parents=True, exist_ok=True)
        temporary = beside(destination)
        try:
            _fill(temporary, plan, segments, tree)
            _swap(temporary, destination)
        finally:
            _remove(temporary)
    return Artifact(plan, destination.absolute(), None, 0, cached=False)


def _fill(root: Path, plan: Plan, segments: Mapping[DistName, Segment], tree: ServiceTree) -> None:
    folder = _Folder(root)
    for part in plan.wheels:
        folder.add_segment(segments[part.distribution.name], part.without)
    for entry in plan.entries:
        folder.add(entry.name, [content_of(entry, tree)], 0o755 if entry.executable else 0o644)


class _Folder:
    """A folder that is being filled."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: set[Path] = set()
        self._make(root)

    def add_segment(self, segment: Segment, without: Collection[ArchivePath]) -> None:
        with segment.path.open("rb", buffering=0) as source:
            for entry, data_at in segment.entries():
                if entry.name not in without:
                    self.add(entry.name, _content(source, entry, data_at), 0o755 if entry.executable else 0o644)

    def add(self, name: ArchivePath, content: Iterable[bytes], mode: int) -> None:
        # No fixed modification time: Python takes a byte cache for current if a source's size and time are unchanged.
        path = self._root / name
        self._make(path.parent)
        with path.open("xb") as out:
            out.writelines(content)
        _set_mode(path, mode)

    def _make(self, folder: Path) -> None:
        if folder in self._made:
            return
        if folder != self._root:
            self._make(folder.parent)
        folder.mkdir()
        _set_mode(folder, 0o755)
        self._made.add(folder)


def _content(source: FileIO, entry: ZipEntry, data_at: int) -> Iterator[bytes]:
    raw = read_range(source, data_at, entry.data_size)
    if entry.method != DEFLATED:
        yield from (bytes(chunk) for chunk in raw)
    else:
        yield from inflate(raw)


def _set_mode(path: Path, mode: int) -> None:
    """Set the mode whatever the umask is; file systems without modes say so and are left alone."""
    try:
        path.chmod(mode)
    except (PermissionError, NotImplementedError):
        return
    except OSError as error:
        if error.errno not in _NO_MODES:
            raise


def _swap(made: Path, destination: Path) -> None:
    """Put `made` where `destination` is. No system can rename a folder over a full one, so the old one steps aside."""
    if not os.path.lexists(destination):
        made.rename(destination)
        return
    aside = beside(destination)
    destination.rename(aside)
    try:
        made.rename(destination)
    except BaseException:
        aside.rename(destination)
        raise
    _remove(aside)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

"""One change of a tree: what was made for it beside the tree, and the order in which that moves into place."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from slspack.bundle.placing import is_folder, place, take_out
from slspack.bundle.treerecord import Written
from slspack.bundle.treesight import BYTE_CODE, parent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from slspack.bundle.treefiles import TreeFile
    from slspack.bundle.treerecord import Files, TreeRecord
    from slspack.bundle.treesight import Sight

_NO_MODES = frozenset({errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})


def make_file(path: Path, file: TreeFile, second: int) -> Written:
    """Write a file with its mode, and `second` as its modification time.

    Python takes its byte code for current if a source's size and its time, in whole seconds, are unchanged: so a tree's
    updates never share a second, however quickly they follow on each other.
    """
    _make_folder(path.parent)
    with path.open("xb") as out:
        out.writelines(file.content())
    _set_mode(path, 0o755 if file.executable else 0o644)
    os.utime(path, (second, second))
    status = path.stat()
    return Written(file.identity, status.st_size, status.st_mtime_ns)


class TreeChange:
    """A change that is being prepared. `old` has the files of every source that may change."""

    def __init__(self, root: Path, staging: Path, record: TreeRecord, sight: Sight, old: Files) -> None:
        self._root = root
        self._made = staging / "tree"
        self._bin = staging / "gone"
        self._record = record
        self._sight = sight
        self._old = old
        self._staged: Files = {}
        _make_folder(self._made)
        _make_folder(self._bin)

    def keeps(self, name: str, file: TreeFile) -> bool:
        """Whether the tree has that file already."""
        known = self._old.get(name)
        return known is not None and known.identity == file.identity and name not in self._sight.altered

    def stage(self, name: str, written: Written) -> None:
        """Note a file that was made."""
        self._staged[name] = written

    def written(self, name: str) -> Written:
        """How a wanted file will be."""
        return self._staged.get(name) or self._old[name]

    def carry_out(self, wanted: Collection[str], parts: Iterable[str]) -> None:
        """Move everything into place, and remove what is gone. `parts` are the keys of all parts of the new plan."""
        gone = [name for name in self._old if name not in wanted]
        there = self._record.folders.keys() - self._sight.lost
        before = {*there}
        after = before | _folders_of(self._staged)
        if gone or self._sight.lost:
            kept = (name for key in parts if key in self._record.parts for name in self._record.part(key))
            after = _folders_of([*wanted, *(name for name in kept if name not in self._old)])
        moves = dict.fromkeys(_topmost_new(name, before) for name in self._staged) if "" in before else {"": None}
        if gone and moves and _ignores_case(self._bin):
            gone = self._remove_twins(gone)
            before = {
                folder for folder in before if folder.casefold() not in {new.casefold() for new in after - before}
            }
        # A file that was there is replaced; everything else is new.
        for name in sorted(moves, key=lambda name: (name in self._old, name.encode())):
            place(self._made / name, self._root / name)
        self._remove(gone, before - after)
        for stray in self._sight.strays:
            if stray not in after and stray not in wanted:
                take_out(self._root / stray, self._bin)
        self._note_folders(after, {parent(name) for name in (*moves, *gone, *(before - after), *self._sight.strays)})

    def _remove(self, files: Iterable[str], folders: Collection[str]) -> None:
        for folder in folders:
            if parent(folder) not in folders and is_folder(self._root / folder):
                take_out(self._root / folder, self._bin)
        for name in files:
            path = self._root / name
            # What is a folder now has been exchanged for the file; what was lost may lie behind somebody's link.
            if parent(name) not in folders and parent(name) not in self._sight.lost and not is_folder(path):
                with suppress(NotADirectoryError):
                    take_out(path, self._bin)
                    _forget_byte_code(path)

    def _remove_twins(self, gone: Iterable[str]) -> list[str]:
        """Where case does not count, a name that differs from a new one in nothing else goes before that one comes."""
        new = {name.casefold() for name in self._staged}
        rest = []
        for name in gone:
            if name.casefold() in new:
                take_out(self._root / name, self._bin)
            else:
                rest.append(name)
        return rest

    def _note_folders(self, after: Collection[str], touched: Collection[str]) -> None:
        known = self._record.folders | self._sight.folders
        self._record.folders = {
            folder: known[folder]
            if folder in known and folder not in touched and folder not in self._sight.lost
            else (self._root / folder).lstat().st_mtime_ns
            for folder in sorted(after)
        }


def _folders_of(names: Iterable[str]) -> set[str]:
    folders = {""}
    for name in names:
        folder = parent(name)
        while folder not in folders:
            folders.add(folder)
            folder = parent(folder)
    return folders


def _topmost_new(name: str, there: Collection[str]) -> str:
    """What has to be moved for a new file to be in place: the file, or the topmost folder on its way that is new."""
    parts = name.split("/")
    paths = ("/".join(parts[:count]) for count in range(1, len(parts)))
    return next((path for path in paths if path not in there), name)


def _ignores_case(folder: Path) -> bool:
    probe = folder / "case"
    probe.touch()
    return (folder / "CASE").exists()


def _forget_byte_code(source: Path) -> None:
    for path in _byte_code_of(source):
        path.unlink(missing_ok=True)


def _byte_code_of(source: Path) -> Iterator[Path]:
    folder = source.parent / BYTE_CODE
    if source.suffix == ".py" and folder.is_dir():
        yield from folder.glob(f"{source.stem}.*.pyc")


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, with the mode that they have in any artifact whatever the umask is."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir()
    _set_mode(folder, 0o755)


def _set_mode(path: Path, mode: int) -> None:
    """Set the mode whatever the umask is; file systems without modes say so and are left alone."""
    try:
        path.chmod(mode)
    except (PermissionError, NotImplementedError):
        return
    except OSError as error:
        if error.errno not in _NO_MODES:
            raise

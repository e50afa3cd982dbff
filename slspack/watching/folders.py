"""The folders of a service that are worth watching."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Folders:
    """What a walk found: folders, and whether a symbolic link was among what they hold."""

    paths: frozenset[Path]
    links: bool


def walk_folders(root: Path, enters: Callable[[Path], bool]) -> Folders:
    """The root and every folder below it that `enters` says yes to. Links are noted and not followed."""
    found = {root}
    links = False
    waiting = [root]
    while waiting:
        for entry in scan(waiting.pop()):
            if entry.is_symlink():
                links = True
            elif entry.is_dir(follow_symlinks=False):
                folder = Path(entry.path)
                if enters(folder):
                    found.add(folder)
                    waiting.append(folder)
    return Folders(frozenset(found), links)


def folders_above(files: Iterable[Path], root: Path) -> frozenset[Path]:
    """The folders by which files are reached, up to the root; of files outside it, up to where the ways part."""
    found: set[Path] = set()
    for folder in {file.parent for file in files}:
        for each in (folder, *folder.parents):
            if each in found or root.is_relative_to(each):
                break
            found.add(each)
    return frozenset(found)


def files_in(folder: Path) -> Iterator[Path]:
    """The files in a folder, links to files among them."""
    for entry in scan(folder):
        if not entry.is_dir():
            yield Path(entry.path)


def scan(folder: Path) -> Iterator[os.DirEntry[str]]:
    """A folder's entries; none where it is gone, or may not be read."""
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return

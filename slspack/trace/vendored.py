"""Folders of libraries that somebody has built and put beside the service: taken whole, and not looked into."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from slspack.excludes import excluded_file, excluded_folder
from slspack.model import ArchivePath, DataFile
from slspack.trace.finder import Finder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from slspack.model import ExternalImport, Function
    from slspack.tree import ServiceTree

_TAKEN = frozenset({"test", "tests"})
"""Folders that are left out of a service by default, though not of somebody's libraries."""


class Vendored:
    """The vendor folders of a function, each of which stands for the artifact's root."""

    def __init__(self, function: Function, tree: ServiceTree) -> None:
        self._folders = function.vendor
        self._finder = Finder(tree, function.vendor, function.target)
        self._tree = tree

    def not_here(self, external: Iterable[ExternalImport]) -> list[ExternalImport]:
        """The imports that no vendor folder answers."""
        if not self._folders:
            return list(external)
        return [one for one in external if self._finder.find(one.module) is None]

    def files(self) -> Iterator[DataFile]:
        """Every file of the vendor folders; of two for one name, the first folder's counts."""
        for folder in self._folders:
            reason = f"it stands in the vendor folder `{folder}`"
            top = os.path.realpath(self._tree.root / folder)
            for name in self._below(folder, frozenset({top})):
                yield DataFile(f"{folder}/{name}", ArchivePath(name), reason)

    def _below(self, folder: str, above: frozenset[str]) -> Iterator[str]:
        for name, is_folder in self._tree.children(folder).items():
            if not is_folder:
                if excluded_file(name) is None:
                    yield name
            elif name in _TAKEN or excluded_folder(name) is None:
                real = os.path.realpath(self._tree.root / folder / name)
                if real not in above:  # a folder linked into itself
                    yield from (f"{name}/{inner}" for inner in self._below(f"{folder}/{name}", above | {real}))

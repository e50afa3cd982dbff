"""Which files that are not modules go in beside the reached ones, and why."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from slspack.excludes import excluded_file, excluded_folder, project_file
from slspack.model import ArchivePath, DataFile
from slspack.trace.finder import Portion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.model import ModuleName
    from slspack.trace.finder import Finder, Found
    from slspack.tree import ServiceTree

# A plain `.so` is not among them: it may be a library that `ctypes` loads.
_CODE = re.compile(r".*(?:\.py[di]?|\.(?:cpython-|abi3)[^.]*\.so)", re.DOTALL)
_TEMPLATE_LIBRARIES = frozenset(
    [
        "aiohttp_jinja2",
        "bottle",
        "chevron",
        "django",
        "fastapi",
        "flask",
        "jinja2",
        "litestar",
        "mako",
        "quart",
        "sanic",
        "starlette",
        "tornado",
    ]
)
_TEMPLATE_FOLDERS = ("templates", "static")


class DataFiles:
    """Finds data files for one list of source roots. Each folder and string is looked at once, for all functions."""

    def __init__(self, tree: ServiceTree, finder: Finder) -> None:
        self._tree = tree
        self._roots = {root.folder: root for root in finder.roots}
        self._tops = frozenset(name for root in self._roots for name in tree.children(root))
        self._beside: dict[str, tuple[DataFile, ...]] = {}
        self._named: dict[ModuleName, tuple[DataFile, ...]] = {}

    def beside(self, found: Found) -> tuple[DataFile, ...]:
        """The data in the folder where a reached module stands, unless that is a source root."""
        folder = posixpath.dirname(found.path) or "."
        if folder in self._roots:
            return ()
        if folder not in self._beside:
            portion = Portion(folder, posixpath.dirname(found.archive))
            self._beside[folder] = tuple(self._below(portion, f"in `{folder}`, the folder of a reached module"))
        return self._beside[folder]

    def named(self, found: Found, literals: frozenset[str]) -> tuple[DataFile, ...]:
        """What the strings of a reached module name: at a source root, or among the project's files beside it."""
        if found.name not in self._named:
            self._named[found.name] = tuple(self._look_up(found, literals))
        return self._named[found.name]

    def template_folders(self, library: str) -> Iterator[DataFile]:
        """The folders at the source roots that a template library reads by default; none for any other library."""
        if library in _TEMPLATE_LIBRARIES:
            for root in self._roots.values():
                for name in _TEMPLATE_FOLDERS:
                    if self._tree.children(root.folder).get(name):
                        yield from self._below(root.at(name), f"in `{name}`, which `{library}` reads by default")

    def _look_up(self, found: Found, literals: frozenset[str]) -> Iterator[DataFile]:
        own = Portion(posixpath.dirname(found.path) or ".", posixpath.dirname(found.archive) or ".")
        beside = self._tree.children(own.folder)
        for literal in sorted(literals):
            reason = f"named `{literal}` in `{found.path}`"
            if literal in beside and project_file(literal):
                yield from self._file(own.at(literal), reason)
            if literal.partition("/")[0] in self._tops:
                for root in self._roots.values():
                    yield from self._at_root(root, literal, reason)

    def _at_root(self, root: Portion, literal: str, reason: str) -> Iterator[DataFile]:
        """The file that a literal names, or the data of the innermost folder on the way to it."""
        here = root
        for part in posixpath.normpath(literal).split("/"):
            is_folder = self._tree.children(here.folder).get(part)
            if is_folder is None:
                break
            here = here.at(part)
            if not is_folder:
                yield from self._file(here, reason)
                return
            if excluded_folder(part) or here.folder in self._roots:
                return
        if here is not root:
            yield from self._below(here, reason)

    def _file(self, place: Portion, reason: str) -> Iterator[DataFile]:
        name = posixpath.basename(place.folder)
        if not _CODE.fullmatch(name) and not excluded_file(name):
            yield DataFile(place.folder, ArchivePath(place.archive), reason)

    def _below(self, folder: Portion, reason: str) -> Iterator[DataFile]:
        """The data of a folder and of the folders in it that hold no modules."""
        own = len(folder.folder) + 1
        for path in self._tree.walk(folder.folder, self._holds_data):
            inside = path[own:]
            if "/" in inside or _CODE.fullmatch(inside) or not project_file(inside):
                yield from self._file(Portion(path, f"{folder.archive}/{inside}"), reason)

    def _holds_data(self, folder: str) -> bool:
        if excluded_folder(posixpath.basename(folder)) or folder in self._roots or self._tree.is_own(folder):
            return False
        return not any(_CODE.fullmatch(name) for name in self._tree.children(folder))

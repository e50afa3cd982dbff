"""What stands in a project's folders: modules, packages, and namespaces with their portions."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slspack import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_NO_PACKAGES = frozenset({"__pycache__", "__pypackages__", "node_modules", "venv"})


@frozen.dataclass(frozen=True, slots=True)
class SourceRoot:
    """A folder of a project that stands for the root of imports."""

    folder: str
    """Relative to the project's: `src`, or `.`."""
    modules: tuple[str, ...]
    """The modules and packages in it that are the project's: `common`; `company.auth` in a namespace."""


@frozen.dataclass(frozen=True, slots=True)
class Layout:
    """Where all modules of a project stand."""

    roots: tuple[SourceRoot, ...]
    looked_at: tuple[str, ...]
    """The folders whose names decide, relative to the project's."""


@dataclass(slots=True)
class Places:
    """Looks into the folders of one project, and remembers which they were."""

    project: Path
    found: dict[str, dict[str, None]] = field(default_factory=dict)
    """Dotted names by the root that they were found in."""
    looked_at: set[str] = field(default_factory=set)

    def is_package(self, path: str) -> bool:
        """Whether it is a folder with an `__init__.py`."""
        return (self.project / path / "__init__.py").is_file()

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder."""
        return (self.project / path).is_dir()

    def names(self, root: str, above: str = "") -> Iterator[str]:
        """The dotted names of what may be a module or a package in a folder, sorted."""
        folder = join(root, above)
        self.looked_at.add(folder)
        try:
            children = sorted((self.project / folder).iterdir())
        except OSError:
            return
        stems = dict.fromkeys(
            child.name if child.is_dir() else child.stem
            for child in children
            if child.suffix == ".py" or (child.name not in _NO_PACKAGES and child.is_dir())
        )
        yield from (f"{above}.{stem}" if above else stem for stem in stems if stem.isidentifier())

    def add(self, root: str, name: str) -> bool:
        """Note what is there of that name: of a namespace its portions. False where there is nothing of Python."""
        path = join(root, name)
        if self.is_package(path) or (self.project / f"{path}.py").is_file():
            self.found.setdefault(root, {})[name] = None
            return True
        if not self.is_folder(path):
            return False
        there = [self.add(root, inner) for inner in self.names(root, name)]
        return any(there)

    def add_all(self, root: str, names: Iterable[str]) -> bool:
        """Note all of these. False where one is not there."""
        there = [self.add(root, name) for name in names]
        return all(there)

    def layout(self) -> Layout | None:
        """What was noted; None where that is nothing."""
        roots = tuple(SourceRoot(folder, tuple(sorted(names))) for folder, names in sorted(self.found.items()))
        return Layout(roots, tuple(sorted(self.looked_at | set(self.found)))) if roots else None


def join(root: str, name: str) -> str:
    """The path of a dotted name below a root."""
    return posixpath.normpath(posixpath.join(root, name.replace(".", "/")))


def inside(path: str) -> str | None:
    """A path of a setting, normalised; None where it leads out of the project or has a wildcard."""
    normal = posixpath.normpath(path.strip("/") or ".") if not path.startswith("/") else ".."
    return None if normal.split("/")[0] == ".." or any(sign in path for sign in "*?[") else normal

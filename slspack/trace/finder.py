"""Where a first-party module stands: the order of CPython's path finder, over the service's source roots."""

from __future__ import annotations

import posixpath
from enum import Enum
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import Architecture, ArchivePath, ModuleName

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from slspack.model import LocalPackage, Target
    from slspack.tree import ServiceTree

_MACHINES = {Architecture.X86_64: "x86_64", Architecture.ARM64: "aarch64"}


class Kind(Enum):
    """What a name turned out to be."""

    PACKAGE = "package"
    MODULE = "module"
    NAMESPACE = "namespace package"


@dataclass(frozen=True, slots=True)
class Portion:
    """A folder in which submodules are looked for, and what it is called in the artifact."""

    folder: str
    archive: str
    names: frozenset[str] | None = None
    """The dotted names that count in it, with all that is below them; None for all."""

    def has(self, name: str) -> bool:
        """Whether a name counts in it, or something below it."""
        return self.names is None or any(one.partition(".")[0] == name for one in self.names)

    def at(self, name: str) -> Portion:
        """The folder or file of that name in it."""
        return Portion(_joined(self.folder, name), _joined(self.archive, name), self._below(name))

    def _below(self, name: str) -> frozenset[str] | None:
        if self.names is None or name in self.names:
            return None
        return frozenset(one.partition(".")[2] for one in self.names if one.startswith(f"{name}.")) or None


@dataclass(frozen=True, slots=True)
class Found:
    """A first-party module. A namespace package has no file: its `path` and `archive` are empty."""

    name: ModuleName
    kind: Kind
    path: str
    archive: ArchivePath
    portions: tuple[Portion, ...]

    @property
    def has_source(self) -> bool:
        """Whether its imports can be read (a compiled extension's can't)."""
        return self.path.endswith(".py")


class Finder:
    """Finds first-party modules for one target. What was looked up once is remembered."""

    def __init__(
        self, tree: ServiceTree, source_roots: Iterable[str], target: Target, packages: Iterable[LocalPackage] = ()
    ) -> None:
        roots = [Portion(posixpath.normpath(root), ".") for root in source_roots]
        self.roots = (*roots, *(Portion(one.root, ".", frozenset(one.modules)) for one in packages))
        self._tree = tree
        self._suffixes = (*extension_suffixes(target), ".py")
        self._found: dict[str, Found | None] = {}

    def find(self, name: str) -> Found | None:
        """The module of that dotted name; None if no source root holds it."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def chain(self, name: str) -> Iterator[Found | None]:
        """What each step of a dotted name is, outermost first; ends with None where one is not found."""
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            found = self.find(".".join(parts[:count]))
            yield found
            if found is None:
                return

    def submodules(self, portions: Iterable[Portion]) -> Iterator[str]:
        """The names of modules and packages in some folders, for suggestions."""
        for portion in portions:
            for name, is_folder in self._tree.children(portion.folder).items():
                stem = name if is_folder else self.module_stem(name)
                if stem and stem.isidentifier() and stem != "__init__":
                    yield stem

    def module_stem(self, filename: str) -> str | None:
        """`x` for `x.py` and for `x.cpython-313-x86_64-linux-gnu.so`; None for what is not the target's module."""
        return next((filename.removesuffix(suffix) for suffix in self._suffixes if filename.endswith(suffix)), None)

    def locate(self, path: str) -> Found | None:
        """The module that a file is, by its path; None if that is not a module below a source root."""
        for root in self.roots:
            prefix = "" if root.folder == "." else f"{root.folder}/"
            stem = self.module_stem(path) if path.startswith(prefix) else None
            if stem:
                found = self.find(stem[len(prefix) :].removesuffix("/__init__").replace("/", "."))
                if found is not None and found.path == path:
                    return found
        return None

    def _find(self, name: str) -> Found | None:
        above, _, tail = name.rpartition(".")
        if not tail:
            return None
        parent = self.find(above) if above else None
        portions = self.roots if not above else () if parent is None else parent.portions
        namespace: list[Portion] = []
        for portion in (one for one in portions if one.has(tail)):
            found = self._in_folder(portion, ModuleName(name), tail)
            if found is not None:
                return found
            if self._tree.children(portion.folder).get(tail):
                namespace.append(portion.at(tail))
        if namespace:
            return Found(ModuleName(name), Kind.NAMESPACE, "", ArchivePath(""), tuple(namespace))
        return None

    def _in_folder(self, portion: Portion, name: ModuleName, tail: str) -> Found | None:
        """A regular package first, then modules by suffix, as `importlib.machinery.FileFinder` looks for them."""
        children = self._tree.children(portion.folder)
        if children.get(tail):
            package = portion.at(tail)
            inside = self._tree.children(package.folder)
            for suffix in self._suffixes:
                if inside.get(f"__init__{suffix}") is False:
                    file = package.at(f"__init__{suffix}")
                    return Found(name, Kind.PACKAGE, file.folder, ArchivePath(file.archive), (package,))
        for suffix in self._suffixes:
            if children.get(tail + suffix) is False:
                file = portion.at(tail + suffix)
                return Found(name, Kind.MODULE, file.folder, ArchivePath(file.archive), ())
        return None


def extension_suffixes(target: Target) -> tuple[str, ...]:
    """What names of compiled modules end with on the target, in the order of `importlib.machinery`."""
    tag = f"{target.python[0]}{target.python[1]}"
    return (f".cpython-{tag}-{_MACHINES[target.architecture]}-linux-gnu.so", ".abi3.so", ".so")


def _joined(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}/{name}"

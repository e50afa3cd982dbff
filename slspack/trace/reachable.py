"""Which sources of wheels a function's imports lead to, and what those import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.model import ModuleName

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from slspack.model import ArchivePath, DistName, LockedDistribution, ModuleGraph
    from slspack.trace.owners import OwnedFile, OwnerIndex
    from slspack.trace.wheelimports import WheelImport, WheelImports

_Source = tuple["DistName", "ArchivePath"]


class ReachableImports:
    """The walk from module to module through the wheels of one lock. What a source imports is asked once."""

    def __init__(
        self, index: OwnerIndex, locked: Mapping[DistName, LockedDistribution], wheel_imports: WheelImports
    ) -> None:
        self._index = index
        self._locked = locked
        self._wheel_imports = wheel_imports
        self._imports: dict[_Source, tuple[WheelImport, ...]] = {}
        self._files: dict[tuple[ModuleName, tuple[str, ...]], tuple[OwnedFile, ...]] = {}

    def of(self, graph: ModuleGraph, names: frozenset[DistName]) -> Mapping[DistName, tuple[WheelImport, ...]]:
        """The imports in all sources, of the distributions named, that the graph's external imports lead to."""
        reached: dict[_Source, None] = {}
        waiting = [file for one in graph.external for file in self._files_of(one.module, one.names)]
        while waiting:
            new = {
                (file.distribution, file.path): None
                for file in waiting
                if file.distribution in names and (file.distribution, file.path) not in reached
            }
            reached.update(new)
            self._read(new)
            imports = [imported for source in new for imported in self._imports[source]]
            waiting = [file for one in imports for file in self._files_of(one.module, one.names)]
        found: dict[DistName, list[WheelImport]] = {}
        for distribution, path in sorted(reached):
            found.setdefault(distribution, []).extend(self._imports[distribution, path])
        return {name: tuple(imports) for name, imports in found.items()}

    def _read(self, sources: Iterable[_Source]) -> None:
        wanted: dict[DistName, list[ArchivePath]] = {}
        for distribution, path in sources:
            if (distribution, path) not in self._imports:
                wanted.setdefault(distribution, []).append(path)
        for distribution, paths in sorted(wanted.items()):
            python = sorted(path for path in paths if path.endswith(".py"))
            found = self._wheel_imports.of_sources(self._locked[distribution], python) if python else {}
            for path in paths:
                self._imports[distribution, path] = found.get(path, ())

    def _files_of(self, module: ModuleName, names: tuple[str, ...]) -> tuple[OwnedFile, ...]:
        key = (module, names)
        if key not in self._files:
            self._files[key] = tuple(dict.fromkeys(self._find(module, names)))
        return self._files[key]

    def _find(self, module: ModuleName, names: tuple[str, ...]) -> Iterator[OwnedFile]:
        """The files that an import runs: the packages around the module, itself, and the submodules it takes."""
        parts = module.split(".")
        wanted = [ModuleName(".".join(parts[: end + 1])) for end in range(len(parts))]
        wanted += [ModuleName(f"{module}.{name}") for name in names if name != "*"]
        for one in wanted:
            match = self._index.exact(one)
            yield from match.files if match is not None else ()

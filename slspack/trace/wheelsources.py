"""The Python sources inside one wheel, and what they import."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from slspack.errors import SlspackError
from slspack.model import ArchivePath, ModuleName
from slspack.targets import COMPLETED_BY, stdlib_modules
from slspack.trace.scan import scan_imports
from slspack.trace.superset import scan_imports_superset
from slspack.trace.wheelimports import WheelImport, is_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from slspack.model import Target
    from slspack.trace.facts import ImportFact
    from slspack.trace.owners import WheelModules


class WheelSources:
    """A wheel on this machine. Nothing of it is unpacked; each source is scanned at most once."""

    def __init__(self, path: Path, modules: WheelModules, target: Target) -> None:
        self._path = path
        self._target = target
        self._members = {source: member for source, member in modules.python_sources() if not is_test(source)}
        self._imports: dict[ArchivePath, tuple[WheelImport, ...]] = {}

    def mentions(self) -> Mapping[str, list[ArchivePath]]:
        """The sources, sorted, that may import each top-level name; tests left out, and the standard library but for
        what a distribution completes."""
        ignored = stdlib_modules(self._target.python) - COMPLETED_BY.keys()
        found: dict[str, list[ArchivePath]] = {}
        with zipfile.ZipFile(self._path) as archive:
            for source, member in sorted(self._members.items()):
                for name in scan_imports_superset(archive.read(member)) - ignored:
                    found.setdefault(name, []).append(source)
        return found

    def imports(self, sources: Iterable[ArchivePath]) -> Iterator[tuple[ArchivePath, tuple[WheelImport, ...]]]:
        """The imports of each source, in its order; none where it can't be parsed, as in templates of code."""
        with zipfile.ZipFile(self._path) as archive:
            for source in sources:
                if source not in self._imports:
                    member = self._members.get(source)
                    self._imports[source] = () if member is None else self._scan(archive.read(member), source)
                yield source, self._imports[source]

    def _scan(self, content: bytes, source: ArchivePath) -> tuple[WheelImport, ...]:
        try:
            imports = scan_imports(content, source, self._target)
        except SlspackError:
            return ()
        absolute = ((_absolute(fact, source), fact) for fact in imports)
        return tuple(WheelImport(module, fact.names, source, fact.line) for module, fact in absolute if module)


def _absolute(fact: ImportFact, source: str) -> ModuleName | None:
    """The name of an imported module from the root (PEP 328); None where it climbs above the wheel."""
    if not fact.level:
        return ModuleName(fact.module)
    package = source.split("/")[:-1]
    if fact.level > len(package):
        return None
    parents = package[: len(package) - fact.level + 1]
    return ModuleName(".".join([*parents, fact.module] if fact.module else parents))

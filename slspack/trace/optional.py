"""What the sources of downloaded wheels import, read once per wheel and kept in the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from slspack.keys import key_of
from slspack.model import ArchivePath, ModuleName
from slspack.store import Kind
from slspack.trace.facts import FACTS_VERSION
from slspack.trace.owners import OwnerIndex
from slspack.trace.wheelimports import WheelImport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from slspack.model import Digest, DistName, LockedDistribution, Target, WheelFacts
    from slspack.store import Store
    from slspack.trace.wheelsources import WheelSources

_VERSION = 2
_Row = tuple[str, list[str], str, int]


class Fetch(Protocol):
    """Brings wheels to this machine, several at a time."""

    def __call__(self, wheels: Sequence[LockedDistribution], /) -> Mapping[DistName, Path]:
        """The file of each wheel."""


class StoredWheelImports:
    """Answers from the store, where they stand by the wheel's hash; what is not there yet is read from the wheels.

    In two steps, since parsing a large wheel takes tens of seconds: a search of every source for the names that it may
    import, which is kept; then the real scan of those few sources that name what is asked for, until it is found.
    """

    def __init__(self, fetch: Fetch, facts: Mapping[DistName, WheelFacts], store: Store, target: Target) -> None:
        self._fetch = fetch
        self._store = store
        self._target = target
        self._index = OwnerIndex(facts, target)
        self._sources: dict[DistName, WheelSources] = {}

    def naming(
        self, wheels: Sequence[LockedDistribution], modules: Sequence[ModuleName]
    ) -> Mapping[DistName, Mapping[ModuleName, WheelImport]]:
        """See `WheelImports.naming`. A wheel whose answers are all in the store is not fetched."""
        unread = [wheel for wheel in wheels if self._store.find(Kind.IMPORTS, self._key(wheel, "mentions")) is None]
        self._open(unread)
        for wheel in unread:
            mentions = self._sources[wheel.name].mentions()
            self._store.write(Kind.IMPORTS, self._key(wheel, "mentions"), _encoded(mentions))
        wanted = [(wheel, module, paths) for wheel in wheels for module, paths in self._mentioned(wheel, modules)]
        unsure = [wheel for wheel, module, _ in wanted if self._read(wheel, "naming", module) is None]
        self._open(unsure)
        found: dict[DistName, dict[ModuleName, WheelImport]] = {}
        for wheel, module, paths in wanted:
            imported = self._first(wheel, module, paths)
            if imported is not None:
                found.setdefault(wheel.name, {})[module] = imported
        return found

    def of_sources(
        self, wheel: LockedDistribution, paths: Iterable[ArchivePath]
    ) -> Mapping[ArchivePath, tuple[WheelImport, ...]]:
        """See `WheelImports.of_sources`."""
        known: dict[str, list[_Row]] = json.loads(self._read(wheel, "sources") or b"{}")
        unread = [path for path in paths if path not in known]
        if unread:
            self._open([wheel])
            for path, imports in self._sources[wheel.name].imports(unread):
                known[path] = [_row(imported) for imported in imports]
            self._store.write(Kind.IMPORTS, self._key(wheel, "sources"), _encoded(known))
        return {ArchivePath(path): tuple(_import(row) for row in rows) for path, rows in known.items()}

    def _mentioned(
        self, wheel: LockedDistribution, modules: Sequence[ModuleName]
    ) -> Iterator[tuple[ModuleName, list[ArchivePath]]]:
        """The modules that a wheel does not hold itself and may import, each with the sources that name it."""
        mentions: dict[str, list[ArchivePath]] = json.loads(self._read(wheel, "mentions") or b"{}")
        own = self._index.wheel(wheel.name)
        for module in modules:
            paths = mentions.get(module.partition(".")[0])
            if paths and own.file_of(module) is None:
                yield module, paths

    def _first(self, wheel: LockedDistribution, module: ModuleName, paths: list[ArchivePath]) -> WheelImport | None:
        content = self._read(wheel, "naming", module)
        if content is None:
            scanned = self._sources[wheel.name].imports(paths)
            found = next((one for _, imports in scanned for one in imports if one.reaches(module)), None)
            content = _encoded(None if found is None else _row(found))
            self._store.write(Kind.IMPORTS, self._key(wheel, "naming", module), content)
        row: _Row | None = json.loads(content)
        return None if row is None else _import(row)

    def _open(self, wheels: Sequence[LockedDistribution]) -> None:
        """Have the content of wheels at hand, whatever is missing fetched together."""
        missing = [wheel for wheel in dict.fromkeys(wheels) if wheel.name not in self._sources]
        if missing:
            from slspack.trace.wheelsources import WheelSources

            for name, path in self._fetch(missing).items():
                self._sources[name] = WheelSources(path, self._index.wheel(name), self._target)

    def _read(self, wheel: LockedDistribution, *question: str) -> bytes | None:
        return self._store.read(Kind.IMPORTS, self._key(wheel, *question))

    def _key(self, wheel: LockedDistribution, *question: str) -> Digest:
        return key_of("wheel-imports", _VERSION, FACTS_VERSION, wheel.wheel.sha256, self._target.python, question)


def _row(imported: WheelImport) -> _Row:
    return (imported.module, list(imported.names), imported.path, imported.line)


def _import(row: _Row) -> WheelImport:
    module, names, path, line = row
    return WheelImport(ModuleName(module), tuple(names), ArchivePath(path), line)


def _encoded(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

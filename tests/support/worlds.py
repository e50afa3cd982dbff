"""A small world for closures: a lock, the facts of its wheels and their sources, all in memory."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slspack.keys import digest_bytes, digest_file
from slspack.model import (
    ArchivePath,
    Digest,
    DistName,
    ExternalImport,
    FirstPartyModule,
    Function,
    Handler,
    ImportPolicy,
    Listed,
    Location,
    Lock,
    LockedDistribution,
    ModuleGraph,
    ModuleName,
    Target,
    WheelFacts,
    WheelFile,
    WheelMember,
    dist_name,
)
from slspack.targets import parse_target
from slspack.trace.closure import SharedClosures, draw_closures
from slspack.trace.scan import scan_source
from slspack.trace.wheelimports import WheelImport

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_TARGET = parse_target("python3.13")
assert _TARGET is not None
TARGET: Target = _TARGET


def facts_of(name: str, files: Mapping[str, str], requires: Iterable[str] = ()) -> WheelFacts:
    """The facts of a wheel with these files."""
    info = {f"{name.replace('-', '_')}-1.0.dist-info/{file}": "" for file in ("METADATA", "RECORD", "WHEEL")}
    members = tuple(
        WheelMember(path, len(text), len(text), zlib.crc32(text.encode()), 0, executable=False, header_offset=0)
        for path, text in sorted({**info, **files}.items())
    )
    return WheelFacts(digest_bytes(name.encode()), dist_name(name), "1.0", tuple(requires), members)


def read_facts(wheel: Path, requires: Iterable[str] = ()) -> WheelFacts:
    """The facts of a real wheel, its requirements given."""
    with zipfile.ZipFile(wheel) as archive:
        members = tuple(
            WheelMember(
                info.filename,
                info.file_size,
                info.compress_size,
                info.CRC,
                info.compress_type,
                False,
                info.header_offset,
            )
            for info in sorted(archive.infolist(), key=lambda info: info.filename)
        )
    return WheelFacts(digest_file(wheel), dist_name(wheel.name.split("-")[0]), "1.0", tuple(requires), members)


def locked(name: str, sha256: Digest | None = None) -> LockedDistribution:
    """A distribution as pinned."""
    filename = f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
    digest = sha256 or digest_bytes(name.encode())
    return LockedDistribution(dist_name(name), "1.0", WheelFile(filename, f"https://index.example/{filename}", digest))


def imports(module: str, *names: str, by: str = "handler", line: int = 1, optional: bool = False) -> ExternalImport:
    """An import in a first-party module."""
    place = Location(f"{by.replace('.', '/')}.py", line, 1)
    return ExternalImport(ModuleName(module), names, optional, ModuleName(by), place)


@dataclass
class World:
    """What `draw_closures` takes. Requirements are listed in the order given, one a line of requirements.txt."""

    files: dict[DistName, Mapping[str, str]] = field(default_factory=dict)
    requires: dict[DistName, Sequence[str]] = field(default_factory=dict)
    listed: list[Listed] = field(default_factory=list)
    development: list[Listed] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    graphs: dict[str, ModuleGraph] = field(default_factory=dict)
    asked: list[tuple[tuple[DistName, ...], tuple[ModuleName, ...]]] = field(default_factory=list)
    read: list[ArchivePath] = field(default_factory=list)

    def wheel(self, name: str, files: Mapping[str, str] | None = None, requires: Sequence[str] = ()) -> World:
        """Add a wheel to the lock; without files, one package of its name."""
        key = dist_name(name)
        self.files[key] = files if files is not None else {f"{name.replace('-', '_')}/__init__.py": f"# {name}"}
        self.requires[key] = requires
        return self

    def lists(self, *names: str, group: str | None = None) -> World:
        """List distributions, `name[extra,…]`, in the requirements or in a development group."""
        for text in names:
            name, _, extras = text.removesuffix("]").partition("[")
            target = self.development if group else self.listed
            place = Location("dev.txt" if group else "requirements.txt", len(target) + 1)
            target.append(Listed(dist_name(name), frozenset(filter(None, extras.split(","))), place, group))
        return self

    def function(
        self,
        name: str,
        *external: ExternalImport,
        policy: ImportPolicy | None = None,
        modules: Sequence[FirstPartyModule] | None = None,
        handler: str = "handler",
        opaque_layers: bool = False,
    ) -> World:
        """Add a function; its graph has the handler and every module that imports something."""
        self.functions.append(
            Function(
                name,
                Handler(f"{handler}.main", ModuleName(handler), "main"),
                TARGET,
                policy=policy or ImportPolicy(),
                opaque_layers=opaque_layers,
                location=Location("serverless.yml", len(self.functions) + 1),
            )
        )
        if modules is None:
            others = sorted({one.importer for one in external} - {handler})
            modules = [first_party(handler), *(first_party(one, importer=handler) for one in others)]
        self.graphs[name] = ModuleGraph(name, tuple(modules), external)
        return self

    @property
    def lock(self) -> Lock:
        """The lock."""
        pins = tuple(locked(name) for name in sorted(self.files))
        return Lock(TARGET, pins, tuple(self.listed), tuple(self.development))

    @property
    def facts(self) -> dict[DistName, WheelFacts]:
        """The facts of all wheels."""
        return {name: facts_of(name, files, self.requires[name]) for name, files in self.files.items()}

    def draw(self) -> SharedClosures:
        """The closures."""
        return draw_closures(self.functions, self.graphs, self.lock, self.facts, self)

    def members(self, function: str = "f") -> set[str]:
        """The names of the distributions in a function."""
        return {str(member.distribution.name) for member in self.draw().closures[function].members}

    def naming(
        self, wheels: Sequence[LockedDistribution], modules: Sequence[ModuleName]
    ) -> Mapping[DistName, Mapping[ModuleName, WheelImport]]:
        """Answer as `WheelImports.naming`, by scanning everything."""
        self.asked.append((tuple(wheel.name for wheel in wheels), tuple(modules)))
        answer: dict[DistName, dict[ModuleName, WheelImport]] = {}
        for wheel in wheels:
            paths = [ArchivePath(path) for path in sorted(self.files[wheel.name]) if path.endswith(".py")]
            for found in self.of_sources(wheel, paths).values():
                for one in found:
                    for module in (module for module in modules if one.reaches(module)):
                        answer.setdefault(wheel.name, {}).setdefault(module, one)
        return answer

    def of_sources(
        self, wheel: LockedDistribution, paths: Iterable[ArchivePath]
    ) -> Mapping[ArchivePath, tuple[WheelImport, ...]]:
        """Answer as `WheelImports.of_sources`. Relative imports are left out."""
        answer = {}
        for path in paths:
            self.read.append(path)
            facts = scan_source(self.files[wheel.name][path].encode(), path, TARGET)
            answer[path] = tuple(
                WheelImport(ModuleName(one.module), one.names, path, one.line) for one in facts.imports if not one.level
            )
        return answer


def first_party(name: str, *, importer: str | None = None, line: int = 1) -> FirstPartyModule:
    """A reached module of the service."""
    path = f"{name.replace('.', '/')}.py"
    by = ModuleName(importer) if importer else None
    where = Location(f"{importer.replace('.', '/')}.py", line, 1) if importer else None
    return FirstPartyModule(ModuleName(name), path, ArchivePath(path), by, where)

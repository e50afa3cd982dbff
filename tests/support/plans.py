"""Small functions, graphs, closures and wheels' facts, for tests of plans."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

from slspack.model import (
    Architecture,
    ArchivePath,
    Closure,
    ClosureMember,
    DataFile,
    Digest,
    DistName,
    FirstPartyModule,
    Function,
    Handler,
    LeftOut,
    LockedDistribution,
    ModuleGraph,
    ModuleName,
    Pattern,
    Service,
    Target,
    WheelFacts,
    WheelFile,
    WheelMember,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

TARGET = Target((3, 13), Architecture.ARM64, (2, 34))


def write_tree(root: Path, files: Mapping[str, str | bytes] | Iterable[str]) -> Path:
    """Write files (empty, if only named) below a folder, and return the folder."""
    contents = files if hasattr(files, "items") else dict.fromkeys(files, "")
    for path, content in contents.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def patterns(*texts: str) -> tuple[Pattern, ...]:
    """Patterns as a user writes them: `!` negates."""
    return tuple(Pattern(text.removeprefix("!"), not text.startswith("!")) for text in texts)


def function(*texts: str, name: str = "f", roots: tuple[str, ...] = (".",)) -> Function:
    """A function with patterns."""
    handler = Handler("app.handler", ModuleName("app"), "handler")
    return Function(name, handler, TARGET, patterns=patterns(*texts), source_roots=roots)


def service(root: Path) -> Service:
    """A service named `orders`, to give an artifact its name."""
    return Service("orders", "dev", root, ())


def graph(*paths: str, data: Iterable[str] = (), root: str = "", name: str = "f") -> ModuleGraph:
    """A graph of modules at paths, the first the handler's; `root` is what their archive names lose."""
    modules = tuple(
        FirstPartyModule(_module(path, root), path, _archive(path, root), ModuleName("app") if i else None, None)
        for i, path in enumerate(paths)
    )
    return ModuleGraph(name, modules, (), data=tuple(DataFile(p, _archive(p, root), "beside") for p in data))


def wheel(
    name: str, files: Mapping[str, str], version: str = "1.0", executable: Iterable[str] = ()
) -> tuple[LockedDistribution, WheelFacts]:
    """A locked distribution and the facts of its wheel, which holds `files`."""
    members = tuple(
        WheelMember(path, len(content), len(content), zlib.crc32(content.encode()), 0, path in executable, 0)
        for path, content in sorted(files.items())
    )
    sha256 = Digest(hashlib.sha256(repr((name, version, sorted(files.items()))).encode()).hexdigest())
    filename = f"{name}-{version}-py3-none-any.whl"
    file = WheelFile(filename, f"https://index.example/{filename}", sha256)
    return LockedDistribution(DistName(name), version, file), WheelFacts(sha256, DistName(name), version, (), members)


def closure(
    *members: tuple[LockedDistribution, WheelFacts], left_out: Iterable[LockedDistribution] = (), name: str = "f"
) -> Closure:
    """The closure of wheels, and what it leaves out."""
    kept = sorted((locked for locked, _ in members), key=lambda locked: locked.name)
    return Closure(
        name,
        tuple(ClosureMember(locked, True, ()) for locked in kept),
        tuple(LeftOut(locked, "not needed") for locked in left_out),
    )


def facts_of(*members: tuple[LockedDistribution, WheelFacts]) -> dict[DistName, WheelFacts]:
    """The facts of wheels, by name."""
    return {locked.name: facts for locked, facts in members}


def _module(path: str, root: str) -> ModuleName:
    return ModuleName(_archive(path, root).removesuffix(".py").removesuffix("/__init__").replace("/", "."))


def _archive(path: str, root: str) -> ArchivePath:
    return ArchivePath(path.removeprefix(f"{root}/") if root else path)

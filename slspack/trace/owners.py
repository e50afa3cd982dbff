"""Which distributions hold a module, read off the file lists of a lock's wheels."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import Architecture, ArchivePath, ModuleName

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.model import DistName, Target, WheelFacts, WheelMember

_MACHINES = {Architecture.X86_64: "x86_64", Architecture.ARM64: "aarch64"}
_IMPORTABLE_SCHEMES = ("purelib", "platlib", "data")
_VERSION = re.compile(r"(?:^|/)_{0,2}(?:version|about)_{0,2}(?:/__init__)?\.py$")
_NAME = attrgetter("name")
_AFTER_SLASH = chr(ord("/") + 1)


@dataclass(frozen=True, slots=True)
class OwnedFile:
    """The file in which a distribution holds a module: its place once installed, its content's checksum and size."""

    distribution: DistName
    path: ArchivePath
    content: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Match:
    """The longest part of a module's name that some distribution holds."""

    module: ModuleName
    """The module asked for, or the parent that was found in its place."""
    distributions: tuple[DistName, ...]
    """Sorted by name."""
    files: tuple[OwnedFile, ...]
    """The module's file in each of them; empty where they only hold a portion of a namespace package."""

    @property
    def is_namespace(self) -> bool:
        """Whether no distribution holds a file for the module, only a folder without `__init__.py` (PEP 420)."""
        return not self.files


class OwnerIndex:
    """The owners of every module in one lock. Making it reads little of the file lists; answers are kept."""

    def __init__(self, facts: Mapping[DistName, WheelFacts], target: Target) -> None:
        suffixes = _suffixes(target)
        self.names = frozenset(facts)
        self._wheels = {name: WheelModules(facts[name], suffixes) for name in sorted(facts)}
        self._matches: dict[ModuleName, Match | None] = {}

    def match(self, module: ModuleName) -> Match | None:
        """The owners of a module, else of the nearest parent with a file (`six.moves` is found in `six`).

        None if no distribution has anything of that name, nor any parent of it except portions of a namespace.
        """
        if module not in self._matches:
            self._matches[module] = self._find(module)
        return self._matches[module]

    def exact(self, module: ModuleName) -> Match | None:
        """The owners of just that module."""
        match = self.match(module)
        return match if match is not None and match.module == module else None

    def wheel(self, name: DistName) -> WheelModules:
        """The modules of one distribution."""
        return self._wheels[name]

    @cached_property
    def top_level(self) -> Mapping[str, tuple[WheelModules, ...]]:
        """The wheels that hold each top-level name."""
        found: dict[str, list[WheelModules]] = {}
        for wheel in self._wheels.values():
            for name in wheel.top_level:
                found.setdefault(name, []).append(wheel)
        return {name: tuple(wheels) for name, wheels in sorted(found.items())}

    def _find(self, module: ModuleName) -> Match | None:
        wheels = self.top_level.get(module.partition(".")[0], ())
        if not wheels:
            return None
        files = tuple(file for wheel in wheels if (file := wheel.file_of(module)) is not None)
        if files:
            return Match(module, tuple(file.distribution for file in files), files)
        portions = tuple(wheel.name for wheel in wheels if wheel.has_portion(module))
        if portions:
            return Match(module, portions, ())
        parent = self.match(ModuleName(module.rpartition(".")[0])) if "." in module else None
        return None if parent is None or parent.is_namespace else parent


class WheelModules:
    """The modules in one wheel, found by bisection in its sorted file list."""

    def __init__(self, facts: WheelFacts, suffixes: tuple[str, ...]) -> None:
        self.name = facts.name
        self._members = facts.members
        self._suffixes = suffixes
        data = next((top for top, is_folder in self._children("") if is_folder and top.endswith(".data")), None)
        self._roots = ("", *(f"{data}/{scheme}/" for scheme in _IMPORTABLE_SCHEMES if data))

    @cached_property
    def top_level(self) -> frozenset[str]:
        """The names that `import` finds at the root of an installation of this wheel."""
        found = set()
        for root in self._roots:
            for child, is_folder in self._children(root):
                name = child if is_folder else self._stem(child)
                if name and name.isidentifier() and (not is_folder or self._holds_module(f"{root}{child}/")):
                    found.add(name)
        return frozenset(found)

    @cached_property
    def entrances(self) -> tuple[ModuleName, ...]:
        """The outermost modules with a file: `pandas`; `google.cloud.storage` below namespaces. Sorted."""
        return tuple(sorted(self._entrances()))

    @property
    def is_stub_only(self) -> bool:
        """Whether the wheel holds type stubs and nothing that can be imported."""
        return not self.top_level and any(member.name.endswith(".pyi") for member in self._members)

    @cached_property
    def has_no_code(self) -> bool:
        """Whether it holds no module, or only its version: it is there to collect others by requiring them."""
        importable = (member for member in self._members if member.name.endswith((".py", ".so")))
        return all(_VERSION.search(member.name) for member in importable)

    @cached_property
    def unzipped(self) -> int:
        """The bytes of all its files."""
        return sum(member.size for member in self._members)

    def file_of(self, module: ModuleName) -> OwnedFile | None:
        """The file of a package, a module or an extension module for the target."""
        stem = module.replace(".", "/")
        for root in self._roots:
            for tail in self._suffixes:
                member = self._member(f"{root}{stem}{tail}")
                if member is not None:
                    return OwnedFile(self.name, ArchivePath(f"{stem}{tail}"), (member.crc, member.size))
        return None

    def has_portion(self, module: ModuleName) -> bool:
        """Whether it holds a folder for the module with some module in it, at any depth."""
        stem = module.replace(".", "/")
        return any(self._holds_module(f"{root}{stem}/") for root in self._roots)

    def python_sources(self) -> Iterator[tuple[ArchivePath, str]]:
        """Every Python source: its place once installed, and the member that holds it."""
        for member in self._members:
            if member.name.endswith(".py"):
                root = next(root for root in reversed(self._roots) if member.name.startswith(root))
                if root or not member.name.partition("/")[0].endswith(".data"):
                    yield ArchivePath(member.name[len(root) :]), member.name

    def _entrances(self) -> Iterator[ModuleName]:
        waiting = [ModuleName(name) for name in self.top_level]
        while waiting:
            module = waiting.pop()
            if self.file_of(module) is not None:
                yield module
                continue
            below = module.replace(".", "/") + "/"
            children = {
                name
                for root in self._roots
                for child, is_folder in self._children(root + below)
                if (name := child if is_folder else self._stem(child)) and name.isidentifier()
            }
            nested = (ModuleName(f"{module}.{child}") for child in children)
            waiting.extend(name for name in nested if self.file_of(name) is not None or self.has_portion(name))

    def _stem(self, file: str) -> str | None:
        return next((file.removesuffix(s) for s in self._suffixes if s[0] == "." and file.endswith(s)), None)

    def _holds_module(self, prefix: str) -> bool:
        for index in range(self._at(prefix), len(self._members)):
            name = self._members[index].name
            if not name.startswith(prefix):
                return False
            if name.endswith((".py", ".so")):
                return True
        return False

    def _children(self, prefix: str) -> Iterator[tuple[str, bool]]:
        """What stands directly below a folder, each with whether it is a folder; leaps over what is below that."""
        index = self._at(prefix)
        while index < len(self._members) and (name := self._members[index].name).startswith(prefix):
            child, slash, _ = name[len(prefix) :].partition("/")
            yield child, bool(slash)
            index = self._at(f"{prefix}{child}{_AFTER_SLASH}") if slash else index + 1

    def _member(self, name: str) -> WheelMember | None:
        index = self._at(name)
        found = index < len(self._members) and self._members[index].name == name
        return self._members[index] if found else None

    def _at(self, name: str) -> int:
        return bisect_left(self._members, name, key=_NAME)


def _suffixes(target: Target) -> tuple[str, ...]:
    """What stands after a module's path in its file's name, in the order in which the target's importer looks."""
    major, minor = target.python
    extensions = (f".cpython-{major}{minor}-{_MACHINES[target.architecture]}-linux-gnu.so", ".abi3.so", ".so")
    return (*(f"/__init__{tail}" for tail in (".py", *extensions)), *extensions, ".py")

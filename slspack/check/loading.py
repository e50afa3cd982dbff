"""Whether the dynamic loader and Python's import system of a target can load the ELF files of one artifact.

Lambda searches `LD_LIBRARY_PATH` (the system's folders, /var/task, /var/task/lib, /opt/lib) after a file's DT_RPATH and
before its DT_RUNPATH, see ld.so(8). A library is loaded once for each name, so that one that anything has loaded before
serves everybody: where it stands in the artifact outside of those folders, nobody can know that it is not.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from enum import Enum
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import Architecture, ElfKind
from slspack.targets import runtime_libraries, version_numbers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from slspack.model import ElfFile, NeededVersion, Target

_MACHINES = {Architecture.X86_64: "x86_64", Architecture.ARM64: "aarch64"}
_PYTHONS = ("cpython-", "pypy", "graalpy")
"""How the tag in a module's file name begins that names a Python; modules with other tags are loaded in other ways."""
_ROOT = "/var/task/"
_SEARCHED = ("", "lib")
"""Folders of an artifact that are in `LD_LIBRARY_PATH`."""
_RELATIVE_RELOCATIONS = "GLIBC_ABI_DT_RELR"
_SINCE = {_RELATIVE_RELOCATIONS: "GLIBC_2.36"}
"""Versions that stand for an ability of the loader, and the numbered version that brought it."""


class Fault(Enum):
    """Why a file cannot be loaded."""

    DAMAGED = "damaged"
    MISALIGNED = "misaligned"
    MACHINE = "machine"
    PYTHON = "python"
    LOADER = "loader"
    LIBRARY = "library"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a file cannot be loaded. `what` is its machine, suffix, loader or library."""

    file: ElfFile
    fault: Fault
    what: str = ""
    want: NeededVersion | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with the files of an artifact, and which of them are loaded when their modules are imported."""

    problems: tuple[Problem, ...]
    imported: frozenset[str]
    """Names of the extension modules that Python finds, and of the libraries that are loaded with them."""
    broken: frozenset[str]
    """Names of the files that cannot be loaded, of themselves or because of what they need."""


def judge(files: Sequence[ElfFile], target: Target) -> Verdict:
    """Judge all ELF files of one artifact together."""
    artifact = _Artifact(files, target)
    problems = tuple(problem for file in files for problem in artifact.problems(file))
    return Verdict(problems, artifact.imported(), artifact.broken({str(problem.file.name) for problem in problems}))


class _Artifact:
    """The ELF files of an artifact, as the loader finds them."""

    def __init__(self, files: Sequence[ElfFile], target: Target) -> None:
        self._files = files
        self._runtime = runtime_libraries(target)
        self._machine = _MACHINES[target.architecture]
        self._tags = {"", "abi3", f"cpython-{target.python[0]}{target.python[1]}-{self._machine}-linux-gnu"}
        libraries = [f for f in files if f.kind is ElfKind.LIBRARY and f.machine == self._machine]
        self._paths = {str(file.name): file for file in libraries}
        self._named: dict[str, list[ElfFile]] = defaultdict(list)
        for file in libraries:
            for name in {file.soname, posixpath.basename(file.name)} - {None}:
                self._named[str(name)].append(file)

    def problems(self, file: ElfFile) -> Iterator[Problem]:
        """What keeps a file from being loaded; of a library, of another machine or Python only that."""
        if file.kind is ElfKind.OTHER:
            return
        if file.kind is ElfKind.DAMAGED:
            if ".so" in posixpath.basename(file.name):
                yield Problem(file, Fault.DAMAGED)
        elif file.machine != self._machine:
            yield Problem(file, Fault.MACHINE, file.machine)
        elif file.module and _tag(file) not in self._tags and _tag(file).startswith(_PYTHONS):
            yield Problem(file, Fault.PYTHON, _tag(file))
        elif file.kind is ElfKind.PROGRAM and file.loader not in (None, self._runtime.loader):
            yield Problem(file, Fault.LOADER, str(file.loader))
        elif not file.aligned:
            yield Problem(file, Fault.MISALIGNED)
        else:
            missing = [name for name in file.needed if not self._providers(file, name) and not self._in_runtime(name)]
            yield from (Problem(file, Fault.LIBRARY, name) for name in missing)
            wants = (want for want in file.wants if want.library not in missing and not self._has(file, want))
            yield from _newest_of_each(file, wants)

    def imported(self) -> frozenset[str]:
        """Names of the importable extension modules and of what they load."""
        modules = [f for f in self._paths.values() if f.module and _tag(f) in self._tags]
        seen = {str(file.name) for file in modules}
        while modules:
            file = modules.pop()
            for provider in (found for name in file.needed for found in self._providers(file, name)):
                if provider.name not in seen:
                    seen.add(str(provider.name))
                    modules.append(provider)
        return frozenset(seen)

    def broken(self, faulty: Collection[str]) -> frozenset[str]:
        """The faulty files, and those that need one of them."""
        users: dict[str, list[str]] = defaultdict(list)
        for file in self._paths.values() if faulty else ():
            for provider in (found for name in file.needed for found in self._providers(file, name)):
                users[str(provider.name)].append(str(file.name))
        found = set(faulty)
        waiting = list(faulty)
        while waiting:
            added = set(users[waiting.pop()]) - found
            found |= added
            waiting += added
        return frozenset(found)

    def _in_runtime(self, name: str) -> bool:
        return name in self._runtime.sonames

    def _providers(self, file: ElfFile, name: str) -> list[ElfFile]:
        """The artifact's files that may be loaded for a name: the one that is found, else every one that bears it."""
        folders = [*(folder for text in file.search if (folder := _inside(text, file)) is not None), *_SEARCHED]
        found = (self._paths.get(posixpath.join(folder, name)) for folder in folders)
        first = next((each for each in found if each is not None), None)
        return [first] if first is not None else self._named.get(posixpath.basename(name), [])

    def _has(self, file: ElfFile, want: NeededVersion) -> bool:
        """Whether the library of a version, wherever it is from, has that version."""
        if any(not found.defines or want.version in found.defines for found in self._providers(file, want.library)):
            return True
        if not self._in_runtime(want.library):
            return False
        family, _, version = _SINCE.get(want.version, want.version).rpartition("_")
        newest = self._runtime.newest.get(family)
        try:
            return newest is None or version_numbers(version) <= newest
        except ValueError:  # CXXABI_FLOAT128 and the like
            return True


def _tag(file: ElfFile) -> str:
    """What stands in a module's file name between its name and `.so`: `cpython-313-x86_64-linux-gnu`."""
    return posixpath.basename(file.name).partition(".")[2].removesuffix("so").removesuffix(".")


def _inside(text: str, file: ElfFile) -> str | None:
    """A folder of DT_RPATH or DT_RUNPATH as one of the artifact; None if it is outside."""
    origin = _ROOT + posixpath.dirname(file.name)
    path = posixpath.normpath(text.replace("${ORIGIN}", origin).replace("$ORIGIN", origin))
    return path.removeprefix(_ROOT) if f"{path}/".startswith(_ROOT) and path != _ROOT.rstrip("/") else None


def _newest_of_each(file: ElfFile, wants: Iterable[NeededVersion]) -> Iterator[Problem]:
    """A problem for each library that lacks versions, with the newest of them."""
    by_library: dict[str, list[NeededVersion]] = defaultdict(list)
    for want in wants:
        by_library[want.library].append(want)
    for library, wanted in by_library.items():
        yield Problem(file, Fault.VERSION, library, max(wanted, key=_numbers))


def _numbers(want: NeededVersion) -> tuple[int, ...]:
    try:
        return version_numbers(_SINCE.get(want.version, want.version).rpartition("_")[2])
    except ValueError:
        return ()

"""The shared libraries that Lambda's images hold, and the symbol versions that they have."""

from __future__ import annotations

import json
from functools import cache
from pkgutil import get_data
from typing import TYPE_CHECKING, TypedDict

from slspack.frozen import dataclass
from slspack.model import Architecture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.model import Target

_INTERPRETERS = {
    Architecture.X86_64: "/lib64/ld-linux-x86-64.so.2",
    Architecture.ARM64: "/lib/ld-linux-aarch64.so.1",
}


@dataclass(frozen=True, slots=True)
class RuntimeLibraries:
    """What the dynamic loader finds on a target without the artifact's help."""

    sonames: frozenset[str]
    newest: Mapping[str, tuple[int, ...]]
    """The newest version of each family of symbol versions: `GLIBC` (2, 34), `GLIBCXX` (3, 4, 29)."""
    loader: str
    """Path of the dynamic loader, which programs name as their interpreter."""
    system: str
    """For people: `Amazon Linux 2023`."""


class _System(TypedDict):
    name: str
    newest: dict[str, str]
    libraries: list[str]
    machine_libraries: dict[str, list[str]]


class _Table(TypedDict):
    systems: dict[str, _System]
    drivers: list[str]


@cache
def runtime_libraries(target: Target) -> RuntimeLibraries:
    """The libraries of the target's runtime: its operating system's, and the interpreter's own."""
    system = _table()["systems"][_nearest(target.glibc)]
    minor = f"{target.python[0]}.{target.python[1]}"
    own = {"libpython3.so", f"libpython{minor}.so.1.0"}
    newest = {family: version_numbers(version) for family, version in system["newest"].items()}
    return RuntimeLibraries(
        sonames=frozenset(system["libraries"]) | set(system["machine_libraries"][target.architecture.value]) | own,
        newest={**newest, "GLIBC": target.glibc},
        loader=_INTERPRETERS[target.architecture],
        system=system["name"],
    )


@cache
def device_drivers() -> frozenset[str]:
    """Libraries that come with the driver of a device. No image has them; what needs them is of use only beside it."""
    return frozenset(_table()["drivers"])


@cache
def is_everywhere(version: str) -> bool:
    """Whether every runtime's libraries have a version of symbols, `GLIBC_2.17`."""
    family, _, numbers = version.rpartition("_")
    newest = [system["newest"].get(family) for system in _table()["systems"].values()]
    try:
        return all(each is not None and version_numbers(numbers) <= version_numbers(each) for each in newest)
    except ValueError:
        return False


def version_numbers(version: str) -> tuple[int, ...]:
    """`2.34` as (2, 34). Raises ValueError for anything else than numbers."""
    return tuple(int(part) for part in version.split("."))


def _nearest(glibc: tuple[int, int]) -> str:
    """The system with the newest glibc that the target has as well."""
    known = sorted(_table()["systems"], key=version_numbers)
    return next((each for each in reversed(known) if version_numbers(each) <= glibc), known[0])


@cache
def _table() -> _Table:
    table: _Table = json.loads(get_data(__name__, "libraries.json") or b"")
    return table

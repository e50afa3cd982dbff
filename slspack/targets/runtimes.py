"""The table of Lambda's Python runtimes, and what PEP 508 markers evaluate to on them."""

from __future__ import annotations

import json
from functools import cache
from pkgutil import get_data
from typing import TypedDict

from slspack.frozen import dataclass
from slspack.model import Architecture, DistName, Target, dist_name

_MACHINES = {Architecture.X86_64: "x86_64", Architecture.ARM64: "aarch64"}
_ARCHITECTURE_NAMES = {
    "x86_64": Architecture.X86_64,
    "amd64": Architecture.X86_64,
    "arm64": Architecture.ARM64,
    "aarch64": Architecture.ARM64,
}


class _RuntimeRow(TypedDict):
    python_full_version: str
    glibc: list[int]
    os: str
    deprecated: str | None
    build_image: str


class _Table(TypedDict):
    runtime_image: str
    provided: list[str]
    runtimes: dict[str, _RuntimeRow]


@dataclass(frozen=True, slots=True)
class RuntimeFacts:
    """What AWS's documentation says of one runtime. `deprecated` is the ISO date of its deprecation, if announced.

    `build_image` is AWS's image with compilers (tags `latest-x86_64`, `latest-arm64`), `runtime_image` the runtime
    itself (tags such as `3.13-arm64`).
    """

    name: str
    python: tuple[int, int]
    python_full_version: str
    glibc: tuple[int, int]
    operating_system: str
    deprecated: str | None
    build_image: str
    runtime_image: str


def runtime_names() -> tuple[str, ...]:
    """Every supported runtime, oldest first."""
    return tuple(_table()["runtimes"])


def runtime_facts(name: str) -> RuntimeFacts | None:
    """The facts of `python3.13` (or `python313`, as Scaleway spells it); None for one that is not in the table."""
    canonical = name if "." in name else name.replace("python3", "python3.", 1)
    row = _table()["runtimes"].get(canonical)
    if row is None:
        return None
    major, minor = canonical.removeprefix("python").split(".")
    return RuntimeFacts(
        name=canonical,
        python=(int(major), int(minor)),
        python_full_version=row["python_full_version"],
        glibc=(row["glibc"][0], row["glibc"][1]),
        operating_system=row["os"],
        deprecated=row["deprecated"],
        build_image=row["build_image"],
        runtime_image=_table()["runtime_image"],
    )


def parse_architecture(name: str) -> Architecture | None:
    """The architecture of that name, by Lambda's or the usual other spelling; None if there is none."""
    return _ARCHITECTURE_NAMES.get(name.lower())


def parse_target(runtime: str, architecture: str = "x86_64") -> Target | None:
    """The target for a runtime and architecture as a configuration names them; None if either is not supported."""
    facts = runtime_facts(runtime)
    parsed = parse_architecture(architecture)
    if facts is None or parsed is None:
        return None
    return Target(facts.python, parsed, facts.glibc)


@cache
def provided_distributions() -> frozenset[DistName]:
    """What every Python runtime of Lambda holds already: boto3 and its own dependencies."""
    return frozenset(dist_name(name) for name in _table()["provided"])


def marker_environment(target: Target) -> dict[str, str]:
    """What each PEP 508 environment marker evaluates to on the target."""
    facts = runtime_facts(target.runtime)
    full_version = facts.python_full_version if facts else f"{target.python[0]}.{target.python[1]}.0"
    return {
        "implementation_name": "cpython",
        "implementation_version": full_version,
        "os_name": "posix",
        "platform_machine": _MACHINES[target.architecture],
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": full_version,
        "python_version": f"{target.python[0]}.{target.python[1]}",
        "sys_platform": "linux",
    }


@cache
def _table() -> _Table:
    table: _Table = json.loads(get_data(__name__, "runtimes.json") or b"")
    return table

"""Writing a lock file of the standard format (PEP 751) for all targets of a service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from slspack.model import Architecture
from slspack.registry import local_path
from slspack.resolve.locks.formats import PYLOCK
from slspack.resolve.pylock_sources import is_folder, own_source, relative, source_line
from slspack.resolve.reading import inputs_digest
from slspack.resolve.sources import LockFileUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from slspack.model import DistName, Lock, LockedDistribution, RequirementSet, Target, WheelFile
    from slspack.resolve.context import ResolveContext

_MACHINES = {Architecture.X86_64: "x86_64", Architecture.ARM64: "aarch64"}


def lock_path(requirements: RequirementSet, context: ResolveContext) -> str:
    """Where the lock file of a requirement set belongs, relative to the service: beside what it is made of."""
    folder = context.read(requirements, LockFileUse.IGNORE).folder
    return PYLOCK if folder == "." else f"{folder}/{PYLOCK}"


def write_pylock(locks: Sequence[Lock], requirements: RequirementSet, context: ResolveContext) -> str:
    """The text of a `pylock.toml` that holds the locks of one requirement set for several targets.

    It belongs beside the requirements, to whose folder its paths are relative. The same locks give the same text. What
    a later reading needs is left in `[tool.slspack]`: the names that are listed, and a digest of the requirements, so
    that a stale file is noticed.
    """
    ordered = sorted(locks, key=lambda lock: (lock.target.python, lock.target.architecture.value))
    targets = [lock.target for lock in ordered]
    files = context.files
    read = context.read(requirements, LockFileUse.IGNORE)
    listed = sorted({one.name for lock in ordered for one in lock.listed})
    lines = ['lock-version = "1.0"', *_environments(targets), 'created-by = "slspack"']
    place = files.absolute(read.folder).resolve()
    names = sorted({one.name for lock in ordered for one in lock.distributions})
    # PEP 751 wants the key also where nothing is required.
    lines += [] if names else ["packages = []"]
    for name in names:
        lines += _packages(name, ordered, targets, place, files.root)
    lines += ["", "[tool.slspack]", f"inputs = {_string(inputs_digest(read.written))}", f"listed = {_strings(listed)}"]
    return "\n".join(lines) + "\n"


def _environments(targets: Sequence[Target]) -> Iterator[str]:
    yield "environments = ["
    for target in targets:
        marker = f"{_marker_of(target)} and sys_platform == 'linux' and implementation_name == 'cpython'"
        yield f"    {_string(marker)},"
    yield "]"
    lowest = min(target.python for target in targets)
    yield f'requires-python = ">={lowest[0]}.{lowest[1]}"'


def _packages(
    name: DistName, locks: Sequence[Lock], targets: Sequence[Target], place: Path, root: Path
) -> Iterator[str]:
    by_version: dict[tuple[str, str], list[tuple[Target, LockedDistribution]]] = {}
    for lock in locks:
        for one in lock.distributions:
            if one.name == name:
                by_version.setdefault((one.version, own_source(one)), []).append((lock.target, one))
    for (version, _), users in sorted(by_version.items()):
        yield from ("", "[[packages]]", f"name = {_string(name)}")
        # PEP 751: a version must not stand where the source, which may change, decides about it.
        if not any(is_folder(one) for _, one in users):
            yield f"version = {_string(version)}"
        marker = marker_for([target for target, _ in users], targets)
        if marker:
            yield f"marker = {_string(marker)}"
        sources = {one.wheel.url: one for _, one in users if one.built is not None}
        wheels = {one.wheel.filename: one.wheel for _, one in users if one.built is None}
        if wheels:
            yield "wheels = ["
            yield from (f"    {_wheel(wheels[filename], place)}," for filename in sorted(wheels))
            yield "]"
        for one in sources.values():
            yield source_line(one, place, root)


def _wheel(wheel: WheelFile, place: Path) -> str:
    local = local_path(wheel.url)
    address = f"url = {_string(wheel.url)}" if local is None else f"path = {_string(relative(local, place))}"
    size = f", size = {wheel.size}" if wheel.size is not None else ""
    return f"{{ name = {_string(wheel.filename)}, {address}{size}, hashes = {{ sha256 = {_string(wheel.sha256)} }} }}"


def marker_for(users: Sequence[Target], targets: Sequence[Target]) -> str:
    """A marker that holds on just those of the targets; empty for all of them."""
    if len(users) == len(targets):
        return ""
    clauses: list[str] = []
    for python in dict.fromkeys(target.python for target in users):
        here = [target for target in users if target.python == python]
        everywhere = [target for target in targets if target.python == python]
        if len(here) == len(everywhere):
            clauses.append(f"python_version == '{python[0]}.{python[1]}'")
        else:
            clauses += [_marker_of(target) for target in here]
    machines = _by_machine(users, targets)
    return machines or (clauses[0] if len(clauses) == 1 else " or ".join(_grouped(clauses)))


def _by_machine(users: Sequence[Target], targets: Sequence[Target]) -> str:
    """The shorter marker where it is the architecture alone that decides."""
    architectures = {target.architecture for target in users}
    if len(architectures) == 1 and len(users) == sum(target.architecture in architectures for target in targets):
        return f"platform_machine == '{_MACHINES[users[0].architecture]}'"
    return ""


def _grouped(clauses: Iterable[str]) -> Iterator[str]:
    return (f"({clause})" if " and " in clause else clause for clause in clauses)


def _marker_of(target: Target) -> str:
    machine = _MACHINES[target.architecture]
    return f"python_version == '{target.python[0]}.{target.python[1]}' and platform_machine == '{machine}'"


def _string(text: str) -> str:
    """A basic string of TOML: JSON's escapes are a part of TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _strings(texts: Sequence[str]) -> str:
    return f"[{', '.join(_string(text) for text in texts)}]"

"""Which of an index's wheels a target loads best, and why none does."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.targets import marker_environment, parse_target, runtime_names, tag_ranks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from packaging.tags import Tag

    from slspack.model import Digest, DistName, Location, Target
    from slspack.registry import IndexFile

_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
_GLIBC = re.compile(r"manylinux_(\d+)_(\d+)_\w+")
_LEGACY_GLIBC = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_SHOWN = 6


class _Distance(IntEnum):
    """How far a wheel is from fitting: the nearest are said first."""

    CHOICE = 1
    GLIBC = 2
    PYTHON = 3
    MACHINE = 4
    LIBRARY = 5
    SYSTEM = 6


def select_wheel(
    files: Iterable[IndexFile], target: Target, *, pinned: bool = False, hashes: Collection[Digest] = ()
) -> IndexFile | None:
    """The wheel that an installer on the target would take; None if none fits.

    Best is the wheel with the most preferred tag, then the highest build tag (PEP 427), then the one listed first.
    Requires-Python is that of the whole version on the target (`3.13.0`). Yanked wheels count only where the version is
    `pinned` (PEP 592). With `hashes`, only files whose stated hash is among them count, and those that state none.
    """
    ranks = tag_ranks(target)
    best: tuple[int, tuple[int, str], IndexFile] | None = None
    for file in files:
        if not _may_load(file.filename, target):
            continue
        parsed = _build_and_tags(file)
        if parsed is None or not _is_eligible(file, target, pinned=pinned, hashes=hashes):
            continue
        build, tags = parsed
        rank = min((ranks[tag] for tag in tags if tag in ranks), default=None)
        if rank is not None and (best is None or rank < best[0] or (rank == best[0] and build > best[1])):
            best = rank, build, file
    return best[2] if best else None


def no_fitting_wheel(
    name: DistName, version: str, files: Collection[IndexFile], target: Target, at: Location | None = None
) -> SlspackError:
    """The error for a version of which no wheel fits: what there is, why it does not fit, what would help."""
    message = f"`{name}` {version} has no wheel for {target}: {explain_misfit(files, target)}"
    return SlspackError.of(Code.NO_FITTING_WHEEL, message, at=at, hint=_remedy(files, target))


def explain_misfit(files: Iterable[IndexFile], target: Target) -> str:
    """What files there are, grouped by the reason for which the target cannot use them."""
    groups: dict[tuple[_Distance, str], list[str]] = {}
    sources = False
    for file in files:
        parsed = _build_and_tags(file)
        if parsed is None:
            sources = sources or not file.is_wheel
            continue
        distance, reason, shown = _misfit(file, parsed[1], target)
        groups.setdefault((distance, reason), []).append(shown)
    said = [f"{reason} ({_list(sorted(shown))})" for (_, reason), shown in sorted(groups.items())]
    wheels = f"its wheels are {'; '.join(said)}" if said else ""
    if sources and said:
        return f"{wheels}; beside them is a source distribution, which would have to be built"
    if sources:
        return "there is only a source distribution, which would have to be built"
    return wheels or "there are no files"


def _remedy(files: Collection[IndexFile], target: Target) -> str:
    fitting = [
        str(other)
        for other in (
            *(parse_target(runtime, target.architecture.value) for runtime in runtime_names()),
            *(parse_target(target.runtime, architecture) for architecture in _MACHINES),
        )
        if other is not None and select_wheel(files, other, pinned=True) is not None
    ]
    if fitting:
        return f"there is a wheel for {_list(fitting)}; otherwise choose another version"
    return f"choose a version that has a wheel for {target}, or build one and name its folder with `--find-links`"


def _is_eligible(file: IndexFile, target: Target, *, pinned: bool, hashes: Collection[Digest]) -> bool:
    if file.yanked is not None and not pinned:
        return False
    if hashes and file.sha256 is not None and file.sha256 not in hashes:
        return False
    return _accepts_python(file, target)


def _accepts_python(file: IndexFile, target: Target) -> bool:
    return file.requires_python is None or accepts_python(file.requires_python, target)


@cache
def accepts_python(requires_python: str, target: Target) -> bool:
    """Whether a Requires-Python lets the whole version on the target in."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        specifiers = SpecifierSet(requires_python)
    except InvalidSpecifier:
        return True  # as for pip: what cannot be understood forbids nothing
    return specifiers.contains(marker_environment(target)["python_full_version"], prereleases=True)


@cache
def _platforms(target: Target) -> frozenset[str]:
    return frozenset(tag.platform for tag in tag_ranks(target))


def _may_load(filename: str, target: Target) -> bool:
    """Whether a wheel is for a platform of the target's, by the end of its name: most of a version's wheels are not."""
    platforms = filename.removesuffix(".whl").rpartition("-")[2]
    return not _platforms(target).isdisjoint(platforms.lower().split("."))


def _build_and_tags(file: IndexFile) -> tuple[tuple[int, str], frozenset[Tag]] | None:
    if not file.is_wheel:
        return None
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename
    from packaging.version import InvalidVersion

    try:
        _, _, build, tags = parse_wheel_filename(file.filename)
    except (InvalidWheelFilename, InvalidVersion):
        return None
    return build or (-1, ""), tags


def _misfit(file: IndexFile, tags: frozenset[Tag], target: Target) -> tuple[_Distance, str, str]:
    """How far a wheel is from fitting, why, and by which part of its name to show it."""
    platforms = sorted({tag.platform for tag in tags})
    loadable = {tag.platform for tag in tag_ranks(target)}
    if not set(platforms) & loadable:
        return _platform_misfit(platforms, target)
    if not tags & tag_ranks(target).keys():
        shown = sorted({f"{tag.interpreter}-{tag.abi}" for tag in tags if tag.platform in loadable})
        return _Distance.PYTHON, f"for another Python than {target.runtime}", ".".join(shown)
    if not _accepts_python(file, target):
        full = marker_environment(target)["python_full_version"]
        return _Distance.PYTHON, f"not for Python {full} by their Requires-Python", file.requires_python or ""
    if file.yanked is not None:
        return _Distance.CHOICE, "yanked", file.filename
    return _Distance.CHOICE, "not of a locked hash", file.filename


def _platform_misfit(platforms: list[str], target: Target) -> tuple[_Distance, str, str]:
    machine = _MACHINES[target.architecture.value]
    shown = ".".join(platforms)
    if all("linux" not in platform for platform in platforms):
        return _Distance.SYSTEM, "for another operating system", shown
    if not any(platform.endswith(f"_{machine}") for platform in platforms):
        return _Distance.MACHINE, f"for another architecture than {target.architecture.value}", shown
    needed = min((glibc for platform in platforms if (glibc := _glibc(platform)) is not None), default=None)
    if needed is None:
        return _Distance.LIBRARY, "for another C library than glibc", shown
    have = f"{target.glibc[0]}.{target.glibc[1]}"
    return _Distance.GLIBC, f"for glibc {needed[0]}.{needed[1]}, where {target.runtime} has {have}", shown


def _glibc(platform: str) -> tuple[int, int] | None:
    match = _GLIBC.fullmatch(platform)
    if match:
        return int(match[1]), int(match[2])
    return _LEGACY_GLIBC.get(platform.partition("_")[0])


def _list(items: list[str]) -> str:
    unique = list(dict.fromkeys(items))
    more = f" and {len(unique) - _SHOWN} more" if len(unique) > _SHOWN else ""
    return ", ".join(f"`{item}`" for item in unique[:_SHOWN]) + more

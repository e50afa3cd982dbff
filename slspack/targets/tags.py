"""Wheel tags that load on a target, best first (PEPs 425, 600 and 656)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from packaging.tags import Tag, cpython_tags
from packaging.tags import compatible_tags as interpreter_tags

from slspack.model import Architecture

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.model import Target

# PEP 600: the older spellings, each equal to one glibc version, and where each architecture's ladder ends.
_LEGACY = {
    Architecture.X86_64: {(2, 17): "manylinux2014", (2, 12): "manylinux2010", (2, 5): "manylinux1"},
    Architecture.ARM64: {(2, 17): "manylinux2014"},
}
_LOWEST_GLIBC = {Architecture.X86_64: 5, Architecture.ARM64: 17}
_MACHINES = {Architecture.X86_64: "x86_64", Architecture.ARM64: "aarch64"}


@cache
def compatible_tags(target: Target) -> tuple[Tag, ...]:
    """Every tag of a wheel that the target can load, in the order in which an installer prefers them."""
    platforms = tuple(_platforms(target))
    interpreter = f"cp{target.python[0]}{target.python[1]}"
    return (
        *cpython_tags(target.python, abis=[interpreter], platforms=platforms),
        *interpreter_tags(target.python, interpreter, platforms),
    )


@cache
def tag_ranks(target: Target) -> Mapping[Tag, int]:
    """The place of each compatible tag; the lowest is the best."""
    return {tag: rank for rank, tag in reversed(list(enumerate(compatible_tags(target))))}


def _platforms(target: Target) -> Iterator[str]:
    machine = _MACHINES[target.architecture]
    major, newest = target.glibc
    for minor in range(newest, _LOWEST_GLIBC[target.architecture] - 1, -1):
        yield f"manylinux_{major}_{minor}_{machine}"
        legacy = _LEGACY[target.architecture].get((major, minor))
        if legacy:
            yield f"{legacy}_{machine}"
    yield f"linux_{machine}"

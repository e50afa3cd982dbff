"""Wheels of this machine for versions that no index has a fitting wheel of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import DistName, Location, Target
from slspack.resolve.written import Origin, WrittenRequirement

if TYPE_CHECKING:
    from slspack.registry import IndexFile
    from slspack.resolve.problem import Problem
    from slspack.resolve.solving import Indexes

Provide: TypeAlias = Callable[[DistName, str, Target], Path | None]
"""A wheel for a version on a target; None where nobody has one."""


def provide_file(name: DistName, version: str, target: Target, provide: Provide) -> IndexFile | None:
    """The wheel that somebody provides, as if an index offered it. Raises SLS0806 for one that does not fit."""
    path = provide(name, version, target)
    if path is None:
        return None
    from slspack.registry import IndexFile
    from slspack.wheels import select_wheel

    place = path.absolute()
    size = place.stat().st_size if place.is_file() else None
    file = IndexFile(place.name, place.as_uri(), None, size)
    if size is None or file.version is None or str(file.version) != version or not select_wheel([file], target):
        raise SlspackError.of(
            Code.PLUGIN_ANSWER,
            f"`slspack_provide_wheel` gave `{path.name}` for `{name}` {version}, which is no such wheel for {target}",
            hint="give the path of a wheel of that version whose tags fit the target",
        )
    return file


def with_provided(names: Iterable[DistName], problem: Problem, indexes: Indexes, provide: Provide) -> Problem | None:
    """The same problem with wheels for what no index has a fitting one of; None where nobody provides any."""
    provided: dict[DistName, WrittenRequirement] = {}
    for name in names:
        direct = problem.direct(name)
        version = newest_asked_for(name, problem, indexes)
        if version is None or (direct is not None and direct.origin is Origin.WHEEL):
            continue
        file = provide_file(name, version, problem.target, provide)
        if file is not None:
            asked = direct or WrittenRequirement(name, Location("plugins"), transitive=True)
            provided[name] = replace(asked, origin=Origin.WHEEL, reference=file.url, specifier="")
    if not provided:
        return None
    others = tuple(one for one in problem.requirements if one.name not in provided)
    return replace(problem, requirements=(*others, *provided.values()))


def newest_asked_for(name: DistName, problem: Problem, indexes: Indexes) -> str | None:
    """The newest version that the direct requirement allows, if none of those has a fitting wheel; else None."""
    from packaging.specifiers import SpecifierSet

    from slspack.wheels import select_wheel

    direct = problem.direct(name)
    allowed = SpecifierSet(direct.specifier if direct is not None else "")
    try:
        offered = indexes.client.files(name)
    except SlspackError:
        return None
    files = [file for file in offered if file.version is not None and allowed.contains(file.version, prereleases=True)]
    versions = sorted({file.version for file in files if file.version is not None})
    if not versions or select_wheel(files, problem.target, pinned=True) is not None:
        return None
    final = [version for version in versions if not version.is_prerelease]
    return str((final or versions)[-1])

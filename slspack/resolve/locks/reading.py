"""The one way from a lock file of any format to a lock for a target."""

from __future__ import annotations

import posixpath
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import Listed, Location
from slspack.resolve.groups import chosen as chosen_groups
from slspack.resolve.locks.choosing import choose_wheels
from slspack.resolve.locks.formats import LOCK_NAMES, LockFormat, lock_format
from slspack.resolve.locks.selection import select
from slspack.resolve.reading import as_listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from slspack.model import DistName, Finding, LockedDistribution, RequirementSet, Target
    from slspack.registry import IndexConfiguration
    from slspack.resolve.context import ResolveContext
    from slspack.resolve.locks.model import LockedPackages
    from slspack.resolve.written import Written, WrittenRequirement


@dataclass(frozen=True, slots=True)
class ReadLock:
    """What a lock file says for one target."""

    distributions: tuple[LockedDistribution, ...]
    listed: tuple[Listed, ...]
    findings: tuple[Finding, ...] = ()


def read_lock(
    path: str,
    beside: Written,
    asked: RequirementSet,
    target: Target,
    configuration: IndexConfiguration,
    context: ResolveContext,
) -> ReadLock:
    """Read what a lock file pins for a target, with the best wheel that it names of each distribution.

    `beside` are the requirements that it was made from, where they are there: they say what is listed, and a lock that
    does not match them is stale.

    Raises SLS0207 for a file that cannot be read or is not for this target, SLS0208 for a stale one, and what choosing
    wheels raises.
    """
    locked = _packages(path, beside, asked, target, context)
    choice = choose_wheels(select(locked, target), path, target, configuration, context)
    distributions = choice.distributions
    wanted = _named((one for one in beside.requirements if one.holds_for(target)), distributions)
    if lock_format(path) is LockFormat.PYLOCK and beside.sources:
        from slspack.resolve.locks.pylock import check_inputs

        check_inputs(path, beside, wanted, distributions, context.files)
    if beside.sources:
        return ReadLock(distributions, as_listed(wanted), choice.findings)
    listed = _all_listed(path, distributions, _roots(path, locked, context))
    return ReadLock(distributions, listed, choice.findings)


def locked_folders(
    path: str, beside: Written, asked: RequirementSet, target: Target, context: ResolveContext
) -> tuple[str, ...]:
    """The folders that a lock file names as sources for a target, relative to the service. Raises as reading does."""
    locked = select(_packages(path, beside, asked, target, context), target)
    direct = (package.direct for package in locked if package.direct is not None)
    return tuple(
        posixpath.normpath(posixpath.join(one.reference, one.subdirectory)) for one in direct if one.kind == "path"
    )


def _named(
    wanted: Iterable[WrittenRequirement], distributions: Sequence[LockedDistribution]
) -> tuple[WrittenRequirement, ...]:
    """The requirements, with the locked names of the sources that have none of their own."""
    requirements = tuple(wanted)
    if all(one.name for one in requirements):
        return requirements
    from slspack.builds.origins import GitOrigin, parse_origin

    def place(text: str) -> str:
        origin = parse_origin(text)
        return str(replace(origin, revision="") if isinstance(origin, GitOrigin) else origin)

    names = {place(one.wheel.url): one.name for one in distributions if one.built is not None}
    return tuple(
        one if one.name else replace(one, name=names.get(place(one.reference), one.name)) for one in requirements
    )


def _packages(
    path: str, beside: Written, asked: RequirementSet, target: Target, context: ResolveContext
) -> LockedPackages:
    files, chosen = context.files, chosen_groups(asked)
    project = next(iter(beside.sources), None)
    match lock_format(path):
        case LockFormat.UV:
            from slspack.resolve.locks.uv import read_uv_lock

            return read_uv_lock(path, project, beside, chosen, target, files)
        case LockFormat.POETRY:
            from slspack.resolve.locks.poetry import read_poetry_lock

            return read_poetry_lock(path, _tables(path, project, context), beside, chosen, target, files)
        case LockFormat.PDM:
            from slspack.resolve.locks.pdm import read_pdm_lock

            return read_pdm_lock(path, _tables(path, project, context), beside, chosen, target, files)
        case LockFormat.PIPENV:
            from slspack.resolve.locks.pipenv import read_pipfile_lock

            tables = _tables(path, project, context)
            return read_pipfile_lock(path, project, tables, chosen, context.variables, files)
        case _:
            from slspack.resolve.locks.pylock import read_pylock

            return read_pylock(path, asked, target, files)


def _tables(path: str, project: str | None, context: ResolveContext) -> Mapping[str, object] | None:
    """The project file that belongs to a lock, which its content hash covers. It was parsed before: it is TOML."""
    if project is None or posixpath.basename(project) != LOCK_NAMES[posixpath.basename(path)].project:
        return None
    content = context.files.read(project)
    return None if content is None else tomllib.loads(content.decode("utf-8-sig"))


def _roots(path: str, locked: LockedPackages, context: ResolveContext) -> frozenset[DistName] | None:
    """The names that are listed, where a lock without its project still tells them."""
    if lock_format(path) is LockFormat.PYLOCK:
        from slspack.resolve.locks.pylock import noted_names

        return noted_names(path, context.files)
    return frozenset(one.name for one in locked.roots)


def _all_listed(
    path: str, distributions: Sequence[LockedDistribution], names: frozenset[DistName] | None
) -> tuple[Listed, ...]:
    at = Location(path)
    return tuple(Listed(one.name, frozenset(), at) for one in distributions if names is None or one.name in names)

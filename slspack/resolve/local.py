"""The local packages of a requirement set that are traced as first-party source, and not built."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from slspack.builds.record import TRACED
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Listed, LocalPackage, Location, dist_name
from slspack.resolve.following import with_followed
from slspack.resolve.reading import read_source, wanted_for
from slspack.resolve.sources import find_source
from slspack.resolve.written import Origin
from slspack.targets import marker_environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.model import DistName, LockedDistribution, RequirementSet, Target
    from slspack.resolve.context import ResolveContext


def local_packages(requirements: RequirementSet, target: Target, context: ResolveContext) -> tuple[LocalPackage, ...]:
    """Those of the folders that the requirements name whose modules can be taken as they are.

    One for which a `builder` is chosen by name is built, as the user wants it. What is wrong with the requirements is
    left to resolving to say.
    """
    try:
        source = find_source(requirements, context.files, context.lock_file)
        written = read_source(source, requirements, context.files, context.variables)
        written = written if source.lock else with_followed(written, context.files)
    except SlspackError:
        return ()
    found: dict[LocalPackage, None] = {}
    references = [one.reference for one in wanted_for(written, target) if one.origin is Origin.SOURCE]
    if source.lock is not None:
        from slspack.resolve.locks.reading import locked_folders

        try:
            references = [*locked_folders(source.lock, written, requirements, target, context)]
        except SlspackError:
            return ()
    for reference in references:
        found.update(dict.fromkeys(_packages(reference, context)))
    return tuple(found)


def _packages(reference: str, context: ResolveContext) -> tuple[LocalPackage, ...]:
    """One for each folder in which a project's modules stand."""
    from slspack.builds.firstparty import read_first_party
    from slspack.builds.origins import FolderOrigin, parse_origin

    try:
        origin = parse_origin(reference)
    except ValueError:
        return ()
    if not isinstance(origin, FolderOrigin) or posixpath.isabs(origin.path) or origin.path.startswith("~"):
        return ()
    folder = posixpath.normpath(posixpath.join(origin.path, origin.subdirectory))
    place = context.files.absolute(folder)
    for name in ("pyproject.toml", "setup.py"):
        context.looks.look(f"{folder}/{name}", place / name)
    project = read_first_party(place)
    if project is None or context.build.has_choice_for(project.name):
        return ()
    for name in (".", *project.looked_at):
        path = posixpath.normpath(posixpath.join(folder, name))
        context.looks.look(path, context.files.absolute(path))
    return tuple(
        LocalPackage(project.name, folder, posixpath.normpath(posixpath.join(folder, one.folder)), one.modules)
        for one in project.roots
    )


def listed_by_packages(
    distributions: Iterable[LockedDistribution], listed: Iterable[Listed], target: Target, context: ResolveContext
) -> tuple[Listed, ...]:
    """What the traced packages list: they are the user's own source, so that their requirements are the user's, too."""
    traced = [one for one in distributions if one.built is not None and one.built.builder == TRACED]
    if not traced:
        return ()
    from packaging.requirements import Requirement

    asked = {one.name: one.extras for one in listed}
    found: dict[DistName, Listed] = {}
    for one in traced:
        facts = context.indexes(context.configuration).wheels.facts([one])[one.name]
        at = Location(posixpath.normpath(f"{one.wheel.url.partition('#')[0]}/pyproject.toml"))
        for text in facts.requires_dist:
            requirement = Requirement(text)
            marker = requirement.marker
            extras = ("", *sorted(asked.get(one.name, ())))
            environment = marker_environment(target)
            if marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in extras):
                name = dist_name(requirement.name)
                found.setdefault(name, Listed(name, frozenset(map(dist_name, requirement.extras)), at))
    return tuple(found.values())


def check_shadowed(packages: tuple[LocalPackage, ...]) -> None:
    """Raise SLS0406 where two local packages have a module of one name: one would hide the other.

    Portions of a namespace hide nothing: those have names of their own.
    """
    first: dict[str, LocalPackage] = {}
    for package in packages:
        for module in package.modules:
            other = first.setdefault(module, package)
            if other is not package:
                raise SlspackError.of(
                    Code.AMBIGUOUS_OWNER,
                    f"the local packages `{other.folder}` and `{package.folder}` both have a module `{module}`",
                    hint="rename one of the modules, or leave one of the packages out",
                )

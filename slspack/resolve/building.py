"""What resolving has built: the sources that requirements name, and versions of which an index has an sdist alone."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import BuilderChoice, Finding, Severity
from slspack.resolve.provided import with_provided
from slspack.resolve.written import Origin
from slspack.targets import marker_environment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from packaging.specifiers import SpecifierSet

    from slspack.builds.orders import BuildOrder, Made
    from slspack.builds.origins import SourceOrigin
    from slspack.model import Digest, DistName, LockedDistribution, Target
    from slspack.registry import IndexFile
    from slspack.resolve.problem import BuiltOffer, Problem
    from slspack.resolve.provided import Provide
    from slspack.resolve.solving import Indexes
    from slspack.resolve.written import WrittenRequirement

_TRIES = 4
"""How many versions of one distribution are built in search of one that everything else can live with."""


class Building:
    """Builds versions for one resolution, and remembers which were tried."""

    def __init__(
        self, indexes: Indexes, hashes: Mapping[DistName, frozenset[Digest]], provide: Provide | None = None
    ) -> None:
        """`provide` is who may have a wheel, so that none has to be built."""
        self.indexes, self.hashes, self.provide = indexes, hashes, provide
        self.findings: list[Finding] = []
        self._tried: dict[DistName, list[str]] = {}

    def with_versions(self, problem: Problem, names: Iterable[DistName], explanation: str) -> Problem | None:
        """The problem, with a wheel more for each of these; None where one of them has no version to be built.

        Where somebody provides some of the wheels, with these alone: what then still lacks, the next round builds.
        Built is the pin, else the newest version that is allowed and has an sdist for the target's Python.
        `explanation` is what a resolver says, in which other distributions' demands stand. Raises what building raises.
        """
        names = tuple(dict.fromkeys(names))
        provided = with_provided(names, problem, self.indexes, self.provide) if self.provide else None
        if provided is not None:
            return provided
        chosen = {name: self._choose(name, problem, explanation) for name in names}
        orders = [order for order in chosen.values() if order is not None]
        if not orders or len(orders) < len(chosen):
            return None
        made = self.indexes.workshop.make(orders)
        self.findings += (finding for one in made for finding in one.findings)
        return replace(problem, built=(*problem.built, *(self.indexes.offer(one.distribution) for one in made)))

    def _choose(self, name: DistName, problem: Problem, explanation: str) -> BuildOrder | None:
        from slspack.builds.orders import BuildOrder
        from slspack.builds.origins import ArchiveOrigin

        if self.indexes.workshop.choice_for(name) is BuilderChoice.NONE:
            return None
        tried = self._tried.setdefault(name, [])
        direct = problem.direct(name)
        if len(tried) >= _TRIES or (direct is not None and direct.origin is not Origin.INDEX):
            return None
        try:
            offered = self.indexes.client.files(name)
        except SlspackError:
            return None
        version = _version_to_build(name, offered, problem, explanation, tried)
        if version is None:
            return None
        tried.append(version)
        sdist = self._sdist(name, version, offered, problem)
        origin = ArchiveOrigin(sdist.url, sdist.sha256, size=sdist.size)
        return BuildOrder(origin, problem.target, name, version, direct.location if direct else None)

    def _sdist(self, name: DistName, version: str, offered: Sequence[IndexFile], problem: Problem) -> IndexFile:
        from slspack.registry import files_of_version

        files = [file for file in files_of_version(tuple(offered), version) if not file.is_wheel]
        allowed = self.hashes.get(name)
        fitting = [file for file in files if allowed is None or file.sha256 is None or file.sha256 in allowed]
        if not fitting:
            direct = problem.direct(name)
            raise SlspackError.of(
                Code.HASH_MISMATCH,
                f"none of the hashes listed for `{name}` {version} is that of its source distribution: "
                f"`{files[0].filename}` has sha256:{files[0].sha256}",
                at=direct.location if direct else None,
                hint="make the hashes anew for every file of the version (`pip-compile --generate-hashes`)",
            )
        # PEP 625's form before older ones, as installers do.
        return min(fitting, key=lambda file: not file.filename.endswith(".tar.gz"))


def with_sources(
    wanted: Sequence[WrittenRequirement], target: Target, indexes: Indexes
) -> tuple[tuple[WrittenRequirement, ...], tuple[BuiltOffer, ...], tuple[Finding, ...]]:
    """The requirements with the names of those that are sources, their wheels, and what is to be said of them.

    Raises SLS0205 for what cannot be fetched at all, and what building raises.
    """
    orders = {one: _order(one, target, indexes.traced) for one in wanted if one.origin is Origin.SOURCE}
    bad = [order for order in orders.values() if isinstance(order, Finding)]
    if bad:
        raise SlspackError(bad)
    good = {one: order for one, order in orders.items() if not isinstance(order, Finding)}
    made = dict(zip(good, indexes.workshop.make(tuple(good.values())), strict=True)) if good else {}
    named = tuple(replace(one, name=made[one].distribution.name) if one in made else one for one in wanted)
    offers = {one.distribution.name: indexes.offer(one.distribution) for one in made.values()}
    return named, tuple(offers.values()), tuple(finding for one in made.values() for finding in one.findings)


def renewed(
    distributions: tuple[LockedDistribution, ...], indexes: Indexes
) -> tuple[tuple[LockedDistribution, ...], tuple[Finding, ...]]:
    """Kept distributions, those built anew whose wheels were pruned from the store since."""
    gone = [one for one in distributions if one.built is not None and not indexes.holds(one)]
    if not gone:
        return distributions, ()
    from slspack.builds.orders import order_for

    made: dict[str, Made] = {
        one.name: new for one, new in zip(gone, indexes.workshop.make([*map(order_for, gone)]), strict=True)
    }
    findings = tuple(finding for one in made.values() for finding in one.findings)
    return tuple(made[one.name].distribution if one.name in made else one for one in distributions), findings


def is_traced(origin: SourceOrigin, traced: Collection[str]) -> bool:
    """Whether it is the folder of a local package that is traced as first-party source."""
    from slspack.builds.origins import FolderOrigin

    if not isinstance(origin, FolderOrigin):
        return False
    return posixpath.normpath(posixpath.join(origin.path, origin.subdirectory)) in traced


def _order(one: WrittenRequirement, target: Target, traced: Collection[str]) -> BuildOrder | Finding:
    from slspack.builds.orders import BuildOrder
    from slspack.builds.origins import ArchiveOrigin, parse_origin
    from slspack.model import Digest

    try:
        origin = parse_origin(one.reference)
    except ValueError as error:
        message = f"`{one.reference}` cannot be built: {error}"
        return Finding(
            Code.UNSUPPORTED_REQUIREMENT, Severity.ERROR, message, one.location, "name a wheel of it instead"
        )
    stated = sorted(text.removeprefix("sha256:") for text in one.hashes if text.startswith("sha256:"))
    if isinstance(origin, ArchiveOrigin) and stated:
        origin = replace(origin, sha256=Digest(stated[0]))
    return BuildOrder(origin, target, one.name or None, None, one.location, traced=is_traced(origin, traced))


def _version_to_build(
    name: DistName, offered: Sequence[IndexFile], problem: Problem, explanation: str, tried: Sequence[str]
) -> str | None:
    """The newest version with an sdist that the requirements allow, and that was not tried yet."""
    from packaging.specifiers import SpecifierSet

    direct, pinned = problem.direct(name), False
    allowed = SpecifierSet()
    for one in (direct, *(one for one in problem.constraints if one.name == name)):
        if one is not None and one.origin is Origin.INDEX:
            allowed &= SpecifierSet(one.specifier)
            pinned = pinned or one.pinned
    python = marker_environment(problem.target)["python_full_version"]
    versions = {
        file.version
        for file in offered
        if not file.is_wheel
        and file.version is not None
        and (pinned or file.yanked is None)
        and allowed.contains(file.version, prereleases=True)
        and _runs_on(file.requires_python, python)
    }
    asked = [
        version
        for version in versions
        if all(one.contains(version, prereleases=True) for one in _demands(name, explanation))
    ]
    final = [version for version in asked or versions if problem.prereleases or pinned or not version.is_prerelease]
    fresh = [version for version in sorted(final or versions, reverse=True) if str(version) not in tried]
    return str(fresh[0]) if fresh else None


def _demands(name: DistName, explanation: str) -> list[SpecifierSet]:
    """What others are said to want of a distribution: `… depends on NAME>=1,<2`."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    spelled = re.escape(name).replace("\\-", "[-_.]+")
    found = []
    for text in re.findall(rf"depends?\s+on\s+{spelled}(?:\[[^\]]*\])?([<>=!~][^\s]*)", explanation, re.IGNORECASE):
        try:
            found.append(SpecifierSet(text.rstrip(",.")))
        except InvalidSpecifier:
            continue
    return found


def _runs_on(requires_python: str | None, python: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return requires_python is None or SpecifierSet(requires_python).contains(python, prereleases=True)
    except InvalidSpecifier:
        return True

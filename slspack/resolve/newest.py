"""The newest of everything, where it fits together: then there is nothing to search, and no resolver has to be started.

A resolver that prefers new versions goes by steps: it decides on what is listed, then on what these need, and so on. As
long as nothing that is asked for later contradicts a version that was decided on earlier, it never goes back, and its
answer is what this finds by asking the indexes alone, for a whole step at a time. At the first contradiction, and where
more is asked for than versions from an index, this decides nothing.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.model import LockedDistribution, dist_name
from slspack.registry import local_path
from slspack.registry.offers import wheel_version
from slspack.resolve.choices import choice_key, keep_choice, read_choice
from slspack.resolve.kept import DECISIVE
from slspack.resolve.problem import Candidate
from slspack.resolve.reach import requirements_of
from slspack.resolve.written import Origin
from slspack.wheels.selection import accepts_python, select_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from slspack.model import DistName, Target, WheelFacts
    from slspack.registry import IndexFile
    from slspack.registry.offers import Offer
    from slspack.resolve.problem import Backend, Problem
    from slspack.resolve.solving import Indexes
    from slspack.resolve.written import WrittenRequirement

# What a resolver would fail of, too: it is the index's trouble, and asking it again only takes longer.
_INDEX_TROUBLE = frozenset({Code.INDEX_UNREACHABLE, Code.INDEX_FORBIDDEN})


def newest_together(
    problem: Problem, excluded: Mapping[DistName, tuple[str, ...]], indexes: Indexes
) -> tuple[Candidate, ...] | None:
    """What uv would decide, if that is the newest allowed version of everything; None where it takes uv to tell.

    The wheels of what is decided are in the store afterwards, or what is known of them is. Raises SLS0506 and SLS0508
    where an index cannot be asked.
    """
    if not _is_plain(problem):
        return None
    try:
        return _Steps(problem, excluded, indexes).decide()
    except _Undecided:
        return None
    except SlspackError as error:
        if any(finding.code in _INDEX_TROUBLE for finding in error.findings):
            raise
        return None


def newest_or(
    decide: Backend, indexes: Indexes, problem: Problem, excluded: Mapping[DistName, tuple[str, ...]]
) -> tuple[Candidate, ...]:
    """The newest of everything, else what a resolver decides. Raises what either raises."""
    found = newest_together(problem, excluded, indexes)
    return decide(problem, excluded) if found is None else found


class _Undecided(Exception):  # noqa: N818 (it says what is so)
    """There is a contradiction, or a case with rules of its own."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One requirement whose marker holds."""

    name: DistName
    specifier: str
    extras: frozenset[DistName] = frozenset()


@dataclass(frozen=True, slots=True)
class _Decided:
    version: Version
    files: tuple[IndexFile, ...]
    """All the wheels of the version."""
    locked: LockedDistribution
    """The one that fits the target best."""


class _Steps:
    """One walk from what is listed to all that it needs."""

    def __init__(self, problem: Problem, excluded: Mapping[DistName, tuple[str, ...]], indexes: Indexes) -> None:
        self._target = problem.target
        self._listed = [_asked(one) for one in problem.requirements]
        self._excluded = excluded
        self._indexes = indexes
        self._constraints: dict[DistName, list[str]] = defaultdict(list)
        for one in problem.constraints:
            self._constraints[one.name].append(one.specifier)
        self._decided: dict[DistName, _Decided] = {}
        self._facts: dict[DistName, WheelFacts] = {}

    def decide(self) -> tuple[Candidate, ...]:
        followed: set[tuple[DistName, str]] = set()
        asked = self._listed
        while asked:
            self._decide_on(asked)
            wanted = dict.fromkeys((one.name, extra) for one in asked for extra in ("", *sorted(one.extras)))
            further = [pair for pair in wanted if pair not in followed]
            followed.update(further)
            asked = [need for name, extra in further for need in _needs(self._facts[name], extra, self._target)]
        return tuple(Candidate(name, str(one.version), one.files) for name, one in sorted(self._decided.items()))

    def _decide_on(self, asked: Sequence[_Asked]) -> None:
        """Decide on what is new in one step; what was decided in an earlier one has to be what is asked for now."""
        bounds: dict[DistName, list[str]] = defaultdict(list)
        for one in asked:
            bounds[one.name].append(one.specifier)
        for name in bounds.keys() & self._decided.keys():
            if not all(_set(text).contains(self._decided[name].version) for text in bounds[name]):
                raise _Undecided
        new = [name for name in bounds if name not in self._decided]
        offered = self._indexes.client.offers_of(new)
        for name in new:
            self._decided[name] = self._newest(name, offered[name], [*bounds[name], *self._constraints[name]])
        self._facts.update(self._indexes.wheels.facts([self._decided[name].locked for name in new]))
        for name in new:
            python = self._facts[name].requires_python
            if python and not accepts_python(python, self._target):
                raise _Undecided

    def _newest(self, name: DistName, offer: Offer, bounds: Iterable[str]) -> _Decided:
        bounds, excluded = tuple(bounds), self._excluded.get(name, ())
        key = choice_key(offer, bounds, excluded, self._target)
        kept = read_choice(self._indexes.store, key)
        files = kept or _newest_wheels(offer.opened(), bounds, excluded, self._target)
        wheel = select_wheel(files, self._target)
        version = _version(wheel_version(wheel.filename) or "") if wheel else None
        if wheel is None or version is None or version.local:
            raise _Undecided
        if wheel.sha256 is None and local_path(wheel.url) is None:
            raise _Undecided
        if not kept:
            keep_choice(self._indexes.store, key, files)
        locked = LockedDistribution(name, str(version), self._indexes.wheels.wheel_file(name, wheel))
        return _Decided(version, files, locked)


def _newest_wheels(
    offer: Offer, bounds: Iterable[str], excluded: Iterable[str], target: Target
) -> tuple[IndexFile, ...]:
    """The wheels of the newest version that is allowed and has one for the target; none where no version is."""
    allowed = [_set(text) for text in bounds]
    barred = {_version(text) for text in excluded}
    spelt: dict[Version, list[str]] = defaultdict(list)
    for text in offer.wheel_versions:
        version = _version(text)
        if version is not None and not version.is_prerelease and version not in barred:
            spelt[version].append(text)
    for version in sorted(spelt, reverse=True):
        if all(each.contains(version) for each in allowed):
            files = tuple(file for text in spelt[version] for file in offer.wheels_of(text))
            if select_wheel(files, target) is not None:
                return files
    return ()


def _is_plain(problem: Problem) -> bool:
    """Whether nothing but versions from indexes is asked for, by the rules that a resolver follows unless told."""
    configuration = problem.configuration
    told = any(problem.environment.get(name) for name in (*DECISIVE, "UV_OFFLINE"))
    # uv's own variable makes one index count before another; pip's option makes all count alike, as they do here.
    ranked = bool(configuration.extra_index_urls) and bool(problem.environment.get("UV_INDEX"))
    return (
        not (told or ranked or problem.prereleases or problem.built or problem.preferred)
        and all(_is_from_index(one) for one in problem.requirements)
        and all(_is_from_index(one) for one in problem.constraints)
    )


def _is_from_index(one: WrittenRequirement) -> bool:
    return one.origin is Origin.INDEX and not one.alternatives


def _asked(one: WrittenRequirement) -> _Asked:
    return _Asked(one.name, one.specifier, frozenset(dist_name(extra) for extra in one.extras))


def _needs(facts: WheelFacts, extra: str, target: Target) -> Iterator[_Asked]:
    """What a wheel asks for on the target: by an extra, or (`""`) whoever wants it."""
    from packaging.requirements import InvalidRequirement

    try:
        for requirement in requirements_of(facts, extra, target):
            if requirement.url:
                raise _Undecided
            extras = frozenset(dist_name(one) for one in requirement.extras)
            yield _Asked(dist_name(requirement.name), str(requirement.specifier), extras)
    except InvalidRequirement:
        raise _Undecided from None


@cache
def _set(specifier: str) -> SpecifierSet:
    """What a specifier allows. Raises _Undecided for one that speaks of pre-releases, or in no standard's words."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        allowed = SpecifierSet(specifier)
        if any(one.operator == "===" or Version(one.version.removesuffix(".*")).is_prerelease for one in allowed):
            raise _Undecided
    except (InvalidSpecifier, InvalidVersion):
        raise _Undecided from None
    return allowed


@cache
def _version(text: str) -> Version | None:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(text)
    except InvalidVersion:
        return None

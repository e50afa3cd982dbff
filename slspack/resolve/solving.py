"""From requirements to one fitting wheel for each distribution, going back where the newest version has none."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.model import Digest, Finding, LockedDistribution, Severity
from slspack.resolve.building import Building
from slspack.resolve.nearest import named_in
from slspack.resolve.problem import BuiltOffer, Unsolvable
from slspack.resolve.provided import newest_asked_for
from slspack.store import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from slspack.builds.workshop import Workshop
    from slspack.model import DistName, Location, Target
    from slspack.registry import IndexFile, PackageIndexClient
    from slspack.resolve.problem import Backend, Candidate, Problem
    from slspack.resolve.provided import Provide
    from slspack.store import Store
    from slspack.wheels import WheelSource

_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Indexes:
    """What the indexes offer, and the hashes of what they state none for."""

    client: PackageIndexClient
    wheels: WheelSource
    workshop: Workshop
    store: Store
    traced: Collection[str] = ()
    """The folders of local packages that are first-party source."""

    def offer(self, distribution: LockedDistribution) -> BuiltOffer:
        """A built wheel as a resolver is shown it."""
        return BuiltOffer(distribution, self.store.path(Kind.WHEEL, distribution.wheel.sha256))

    def holds(self, distribution: LockedDistribution) -> bool:
        """Whether the store has its wheel."""
        return self.store.find(Kind.WHEEL, distribution.wheel.sha256) is not None


@dataclass(frozen=True, slots=True)
class Solved:
    """One wheel for each distribution, sorted by name, and what is to be said of those that were built."""

    distributions: tuple[LockedDistribution, ...]
    findings: tuple[Finding, ...] = ()


def solve(
    problem: Problem,
    backend: Backend,
    indexes: Indexes,
    hashes: Mapping[DistName, frozenset[Digest]],
    provide: Provide | None = None,
) -> Solved:
    """As `_solve`, by the rules on indexes, which no resolver has to know."""
    with indexes.client.relayed() as configuration:
        if configuration.relayed:
            problem = replace(problem, configuration=configuration)
        return _solve(problem, backend, indexes, hashes, provide)


def _solve(
    problem: Problem,
    backend: Backend,
    indexes: Indexes,
    hashes: Mapping[DistName, frozenset[Digest]],
    provide: Provide | None,
) -> Solved:
    """Resolve, and choose the best wheel of each version by the target's own tags.

    Where a version has no wheel that fits, all such versions of that distribution are excluded and the resolver decides
    again, until everything fits. Where that leaves nothing, `provide` is asked for a wheel, or one is built, if its
    `builder` allows it. `hashes` are the files that the user allows, by distribution.

    Raises SLS0203 where nothing meets the requirements, SLS0501 where only versions without a fitting wheel do, SLS0502
    where none of the allowed files fits; SLS051x where building fails; and what the index client raises.
    """
    # Asking for wheels comes next, or has begun: the libraries for it are loaded while another process works.
    Thread(target=indexes.wheels.get_ready, name="get-ready", daemon=True).start()
    excluded: dict[DistName, tuple[str, ...]] = {}
    building = Building(indexes, hashes, provide)
    misfits: list[Candidate] = []
    for _ in range(_ROUNDS):
        try:
            candidates = _with_files(backend(problem, excluded), problem, indexes)
        except Unsolvable as failure:
            lacking = _without_wheel(failure, misfits)
            further = building.with_versions(problem, lacking, str(failure)) if lacking else None
            if further is None:
                raise _explained(failure, misfits, problem, indexes) from None
            problem, misfits = further, []
            excluded = _without_built(excluded, problem)
            continue
        chosen, misfits = _choose(candidates, problem, hashes)
        if not misfits:
            locked = [
                _locked(name, version, file, problem, indexes) for (name, version), file in sorted(chosen.items())
            ]
            return Solved(tuple(locked), tuple(building.findings))
        without = {one.name: _versions_without_wheel(one, problem, indexes) for one in misfits}
        if any(one.name in excluded or not without[one.name] for one in misfits):
            further = building.with_versions(problem, [one.name for one in misfits], "")
            if further is None:
                break
            problem, misfits = further, []
            excluded = _without_built(excluded, problem)
            continue
        excluded.update(without)
    raise _misfit_errors(misfits, problem, indexes)


def _with_files(candidates: Sequence[Candidate], problem: Problem, indexes: Indexes) -> tuple[Candidate, ...]:
    from slspack.registry import files_of_version

    candidates = [
        replace(one, files=()) if one.files is None and problem.built_for(one.name, one.version) else one
        for one in candidates
    ]
    unknown = [one.name for one in candidates if one.files is None]
    offered = indexes.client.files_of(unknown) if unknown else {}
    return tuple(
        replace(one, files=files_of_version(offered[one.name], one.version)) if one.files is None else one
        for one in candidates
    )


def _choose(
    candidates: Sequence[Candidate], problem: Problem, hashes: Mapping[DistName, frozenset[Digest]]
) -> tuple[dict[tuple[DistName, str], IndexFile], list[Candidate]]:
    from slspack.registry import IndexFile
    from slspack.wheels import select_wheel

    chosen: dict[tuple[DistName, str], IndexFile] = {}
    misfits: list[Candidate] = []
    refused: list[Finding] = []
    for one in candidates:
        built = problem.built_for(one.name, one.version)
        if built is not None:
            wheel = built.distribution.wheel
            chosen[one.name, one.version] = IndexFile(wheel.filename, wheel.url, wheel.sha256, wheel.size)
            continue
        files = one.files or ()
        file = select_wheel(files, problem.target, pinned=True, hashes=hashes.get(one.name, ()))
        if file is not None:
            chosen[one.name, one.version] = file
            continue
        fitting = select_wheel(files, problem.target, pinned=True)
        if fitting is None:
            misfits.append(one)
        else:
            refused.append(_hash_mismatch(one, fitting, problem))
    if refused:
        raise SlspackError(refused)
    return chosen, misfits


def _without_wheel(failure: Unsolvable, misfits: Sequence[Candidate]) -> tuple[DistName, ...]:
    """The distributions to blame for a failure: those whose versions were excluded before it, else those it names."""
    if misfits:
        names = [one.name for one in misfits]
        return named_in(names, str(failure)) or tuple(names)
    return failure.without_wheel


def _without_built(excluded: Mapping[DistName, tuple[str, ...]], problem: Problem) -> dict[DistName, tuple[str, ...]]:
    """The versions to be excluded still, now that some were built."""
    return {
        name: left
        for name, versions in excluded.items()
        if (left := tuple(version for version in versions if problem.built_for(name, version) is None))
    }


def _locked(name: DistName, version: str, file: IndexFile, problem: Problem, indexes: Indexes) -> LockedDistribution:
    built = problem.built_for(name, version)
    if built is not None:
        return built.distribution
    return LockedDistribution(name, version, indexes.wheels.wheel_file(name, file))


def _versions_without_wheel(one: Candidate, problem: Problem, indexes: Indexes) -> tuple[str, ...]:
    """Every version on the index that no wheel of the target's is there for, and that has wheels at all.

    Pre-releases only where the resolver chose one: to a resolver, a pre-release in a constraint asks for pre-releases.
    """
    from packaging.version import Version

    from slspack.wheels import select_wheel

    direct = problem.direct(one.name)
    if direct is not None and direct.pinned:
        return ()
    by_version: dict[Version, list[IndexFile]] = {}
    for file in indexes.client.files(one.name):
        if file.is_wheel and file.version is not None:
            by_version.setdefault(file.version, []).append(file)
    prereleases = Version(one.version).is_prerelease
    return tuple(
        str(version)
        for version in sorted(by_version)
        if (prereleases or not version.is_prerelease)
        and select_wheel(by_version[version], problem.target, pinned=True) is None
    )


def _explained(failure: Unsolvable, misfits: Sequence[Candidate], problem: Problem, indexes: Indexes) -> SlspackError:
    """After a round without misfits: the resolver's own words. After one with: those have no version that could do."""
    if misfits:
        named = named_in([one.name for one in misfits], str(failure))
        return _misfit_errors([one for one in misfits if one.name in named] or misfits, problem, indexes)
    from slspack.resolve.problem import Candidate

    hopeless = [
        Candidate(name, version)
        for name in failure.without_wheel
        if (version := newest_asked_for(name, problem, indexes)) is not None
    ]
    if hopeless:
        return _misfit_errors(hopeless, problem, indexes)
    _check_reach(str(failure), problem, indexes)
    at = _location_in(str(failure), problem)
    return SlspackError.of(
        Code.UNRESOLVABLE,
        f"the requirements cannot be met for {problem.target}: {_indented(str(failure))}",
        at=at,
        hint="loosen the requirement that is in the way, or check the name and the index",
    )


def _check_reach(explanation: str, problem: Problem, indexes: Indexes) -> None:
    """Raise what keeps an index from answering, where a resolver only says that it found nothing."""
    if "from versions: none" in explanation:
        for name in named_in([one.name for one in problem.requirements], explanation):
            indexes.client.files(name)


def _misfit_errors(misfits: Sequence[Candidate], problem: Problem, indexes: Indexes) -> SlspackError:
    from slspack.registry import files_of_version
    from slspack.wheels import no_fitting_wheel

    findings: list[Finding] = []
    for one in misfits:
        direct = problem.direct(one.name)
        at = direct.location if direct is not None else None
        offered: tuple[IndexFile, ...] = one.files or ()
        # A wheel that came by its own address may be in no index: what is known of it is then all there is.
        with suppress(SlspackError):
            offered = indexes.client.files(one.name)
        files = files_of_version(offered, one.version) or one.files or ()
        finding = no_fitting_wheel(one.name, one.version, files, problem.target, at).findings[0]
        findings.append(_with_other_version(finding, one.name, offered, problem.target))
    return SlspackError(findings)


def _with_other_version(finding: Finding, name: DistName, offered: Sequence[IndexFile], target: Target) -> Finding:
    """The finding, with the newest version that does fit put before the rest of the hint."""
    from slspack.wheels import select_wheel

    fitting = [
        file.version
        for file in offered
        if file.version is not None and not file.version.is_prerelease and select_wheel([file], target) is not None
    ]
    if not fitting:
        return finding
    return replace(finding, hint=f"`{name}` {max(fitting)} has a wheel that fits: allow that version; {finding.hint}")


def _hash_mismatch(one: Candidate, fitting: IndexFile, problem: Problem) -> Finding:
    at: Location | None = getattr(problem.direct(one.name), "location", None)
    return Finding(
        Code.HASH_MISMATCH,
        Severity.ERROR,
        f"none of the hashes listed for `{one.name}` {one.version} is that of a wheel for {problem.target}: "
        f"`{fitting.filename}` has sha256:{fitting.sha256}",
        at,
        "make the hashes anew for every file of the version (`pip-compile --generate-hashes`, `slspack lock`)",
    )


def _location_in(explanation: str, problem: Problem) -> Location | None:
    """Where the direct requirement stands that the explanation speaks of: `you require NAME`, else one it names."""
    names = [one.name for one in problem.requirements]
    required = [
        name
        for part in explanation.replace("\n", " ").split("you require ")[1:]
        for name in named_in(names, part.split(" and ")[0])
    ]
    for name in [*reversed(required), *named_in(names, explanation)]:
        direct = problem.direct(name)
        if direct is not None:
            return direct.location
    return None


def _indented(text: str) -> str:
    first, _, rest = text.partition("\n")
    first = first[:1].lower() + first[1:]
    return "\n".join([first, *(f"  {line}".rstrip() for line in rest.splitlines())])

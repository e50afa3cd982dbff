"""The one way from a requirement set to a lock for a target."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.model import Finding, Lock, Resolver, Severity
from slspack.registry.credentials import split_credentials
from slspack.resolve.hashes import allowed_hashes, check_hashes
from slspack.resolve.kept import resolution_key
from slspack.resolve.problem import Problem, Upgrade
from slspack.resolve.reading import as_listed, wanted_for
from slspack.resolve.unlocked import unlocked
from slspack.resolve.written import Origin, WrittenRequirement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slspack.model import Digest, DistName, LockedDistribution, RequirementSet, Target
    from slspack.registry import IndexConfiguration
    from slspack.resolve.backends import ResolveHooks
    from slspack.resolve.context import ResolveContext
    from slspack.resolve.hashes import AllowedHashes
    from slspack.resolve.kept import RecentLocks
    from slspack.resolve.problem import Backend, BuiltOffer, Candidate
    from slspack.resolve.written import Written, WrittenOptions


_NO_PREFERENCE: Mapping[DistName, str] = MappingProxyType({})


def resolve(
    requirements: RequirementSet,
    target: Target,
    context: ResolveContext,
    preferred: Mapping[DistName, str] = _NO_PREFERENCE,
) -> Lock:
    """Pin every distribution that a requirement set needs on a target, with the wheel that fits it best.

    What was resolved before from the same requirements is taken as it is kept, without the network, unless
    `context.upgrade` says otherwise or other versions are `preferred`, which are stayed with where the requirements
    allow it. Raises SlspackError with all that is wrong of a kind (SLS02xx, SLS05xx).
    """
    read = context.read(requirements)
    written = read.written
    findings = [*written.findings]
    image_key = context.image_key(target)
    if read.lock is not None:
        from slspack.resolve.locks import read_lock

        place = configuration_for(written, context)
        locked = read_lock(read.lock, written, requirements, target, place, context)
        distributions, listed, sources = locked.distributions, locked.listed, (read.lock, *written.sources)
        findings += locked.findings
    else:
        findings += unlocked(read.files, written, requirements, target)
        wanted = wanted_for(written, target)
        _check_pins(wanted)
        resolved = _resolved(wanted, written, requirements.resolver, target, context, preferred, image_key)
        distributions, sources = resolved.distributions, written.sources
        listed = as_listed(resolved.wanted)
        findings += resolved.findings
        if any(one.transitive for one in wanted):
            from slspack.resolve.extras import with_lost_extras

            facts = context.indexes(configuration_for(written, context)).wheels.facts(distributions)
            listed = with_lost_extras(listed, distributions, facts, target)
    if context.traced:
        from slspack.resolve.local import listed_by_packages

        names = {one.name for one in listed}
        further = listed_by_packages(distributions, listed, target, context)
        listed = tuple(sorted((*listed, *(one for one in further if one.name not in names)), key=lambda one: one.name))
    own = {one.name for one in listed}
    holding = (one for one in read.development.requirements if one.holds_for(target))
    return Lock(
        target,
        distributions,
        listed,
        tuple(one for one in as_listed(holding) if one.name not in own),
        tuple(dict.fromkeys((*sources, *read.development.sources))),
        tuple(findings),
    )


def configuration_for(written: Written, context: ResolveContext) -> IndexConfiguration:
    """The user's indexes with the requirements files' own options, and the logins that stood in addresses of wheels."""
    options: WrittenOptions = written.options
    merged = context.configuration.merged_with(
        index_url=options.index_url,
        extra_index_urls=options.extra_index_urls,
        find_links=options.find_links,
        trusted_hosts=options.trusted_hosts,
        no_index=options.no_index,
        folder=context.tree.root,
    )
    named = dict(options.named)
    bound = {one.name: named[one.index.lower()] for one in written.requirements if one.index.lower() in named}
    merged = merged.bound_to(bound, context.tree.root) if bound else merged
    if options.no_binary:
        merged = replace(merged, no_binary=tuple(dict.fromkeys((*merged.no_binary, *options.no_binary))))
    logins = [(one.reference, one.login) for one in written.requirements if one.login is not None]
    # A lock may name an index that is for those alone that are bound to it.
    logins += [(url, login) for url, login in map(split_credentials, filter(None, named.values())) if login is not None]
    if logins or options.accesses:
        merged = replace(merged, credentials=merged.credentials.joined(logins, options.accesses))
    if merged.credentials != context.configuration.credentials:
        context.learn(merged.credentials)
    return merged


@dataclass(frozen=True, slots=True)
class _Resolved:
    """`wanted` are the requirements with the names of what was built for them."""

    wanted: tuple[WrittenRequirement, ...] = ()
    distributions: tuple[LockedDistribution, ...] = ()
    findings: tuple[Finding, ...] = ()


def _resolved(
    wanted: Sequence[WrittenRequirement],
    written: Written,
    resolver: Resolver,
    target: Target,
    context: ResolveContext,
    preferred: Mapping[DistName, str],
    image_key: str,
) -> _Resolved:
    if not wanted:
        return _Resolved()
    problem, said = _problem(wanted, written, target, context, preferred)
    hashed = allowed_hashes(problem.requirements, problem.constraints, required=written.options.require_hashes)
    _check_local_wheels(problem, context)
    deciding = context.hooks.key_for("slspack_resolve", "slspack_provide_wheel", "slspack_builders")
    key = resolution_key(problem, resolver, (hashed.by_name, deciding) if deciding else hashed.by_name, image_key)
    kept = _kept(key, context, context.recent(problem.configuration), preferred)
    findings: tuple[Finding, ...] = ()
    if kept is None:
        kept, findings = _decided(problem, resolver, context, hashed, key)
    elif any(one.built is not None for one in kept):
        from slspack.resolve.building import renewed

        kept, findings = renewed(kept, context.indexes(problem.configuration))
    return _Resolved(problem.requirements, kept, (*_notices(resolver, target), *said, *findings))


def _problem(
    wanted: Sequence[WrittenRequirement],
    written: Written,
    target: Target,
    context: ResolveContext,
    preferred: Mapping[DistName, str],
) -> tuple[Problem, tuple[Finding, ...]]:
    """What a resolver is to decide, once whatever is a source has been built, and what is to be said of that."""
    configuration = configuration_for(written, context)
    offers: tuple[BuiltOffer, ...] = ()
    findings: tuple[Finding, ...] = ()
    if any(one.origin is Origin.SOURCE for one in wanted):
        from slspack.resolve.building import with_sources

        wanted, offers, findings = with_sources(wanted, target, context.indexes(configuration))
    problem = Problem(
        tuple(wanted),
        tuple(one for one in written.constraints if one.holds_for(target)),
        target,
        context.tree.root,
        configuration,
        context.environment,
        written.options.prereleases or context.prereleases,
        context.upgrade,
        offers,
        context.build,
        tuple(sorted(preferred.items())),
    )
    return problem, findings


def _kept(
    key: Digest, context: ResolveContext, recent: RecentLocks, preferred: Mapping[DistName, str]
) -> tuple[LockedDistribution, ...] | None:
    """What was decided before, by this checkout or lately by any, if it is to stay and has the preferred versions."""
    if context.upgrade is not Upgrade.KEEP:
        return None
    kept = context.kept.read(key)
    if kept is not None and _agrees(kept, preferred):
        return kept
    kept = recent.read(key)
    if kept is None or not _agrees(kept, preferred):
        return None
    context.kept.write(key, kept)
    return kept


def _decided(
    problem: Problem, resolver: Resolver, context: ResolveContext, hashed: AllowedHashes, key: Digest
) -> tuple[tuple[LockedDistribution, ...], tuple[Finding, ...]]:
    """Let the resolver decide, and keep what it says."""
    from slspack.resolve.solving import solve

    context.progress(f"resolving the requirements for {problem.target}")
    indexes = context.indexes(problem.configuration)
    backend: Backend = partial(_decide, context.hooks, resolver)
    if resolver is Resolver.UV and not context.hooks.key_for("slspack_resolve"):
        from slspack.resolve.newest import newest_or

        backend = partial(newest_or, backend, indexes)
    solved = solve(problem, backend, indexes, hashed.by_name, context.hooks.provide_wheel)
    locked = solved.distributions
    if _notices(resolver, problem.target):
        from slspack.resolve.reach import reached

        locked = reached(locked, indexes.wheels.facts(locked), problem)
    check_hashes(locked, hashed)
    context.kept.write(key, locked)
    if not any(one.built is not None for one in locked):
        context.recent(problem.configuration).write(key, locked)
    return locked, solved.findings


def _agrees(kept: Sequence[LockedDistribution] | None, preferred: Mapping[DistName, str]) -> bool:
    return all(preferred.get(one.name, one.version) == one.version for one in kept or ())


def _decide(
    hooks: ResolveHooks, resolver: Resolver, problem: Problem, excluded: Mapping[DistName, tuple[str, ...]]
) -> tuple[Candidate, ...]:
    return hooks.resolve(problem, resolver, excluded)


def _notices(resolver: Resolver, target: Target) -> tuple[Finding, ...]:
    if resolver is not Resolver.PIP_TOOLS:
        return ()
    from slspack.resolve.pip_tools import host_notice

    return host_notice(target)


def _check_pins(wanted: Sequence[WrittenRequirement]) -> None:
    first: dict[str, WrittenRequirement] = {}
    conflicts: list[Finding] = []
    for one in wanted:
        if not one.pinned or one.origin is not Origin.INDEX:
            continue
        known = first.setdefault(one.name, one)
        if _version(known) != _version(one):
            conflicts.append(
                Finding(
                    Code.CONFLICTING_PINS,
                    Severity.ERROR,
                    f"`{one.text}` contradicts `{known.text}` at {known.location}",
                    one.location,
                    "keep one of the two pins",
                )
            )
    if conflicts:
        raise SlspackError(conflicts)


def _version(pin: WrittenRequirement) -> str:
    from packaging.utils import canonicalize_version

    return canonicalize_version(pin.specifier.lstrip("="))


def _check_local_wheels(problem: Problem, context: ResolveContext) -> None:
    from slspack.registry import local_path

    missing = []
    for one in problem.requirements:
        place = local_path(one.reference) if one.origin is Origin.WHEEL else None
        if place is None:
            continue
        path = problem.root / place.expanduser()
        context.looks.look(str(path), path)
        if not path.is_file():
            missing.append(
                Finding(
                    Code.REQUIREMENTS_NOT_FOUND,
                    Severity.ERROR,
                    f"there is no wheel `{one.reference}`",
                    one.location,
                    "a path is relative to the file that names it, or to the service",
                )
            )
    if missing:
        raise SlspackError(missing)

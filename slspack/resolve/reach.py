"""What of a resolution the target's own markers reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Finding, Severity, dist_name
from slspack.targets import marker_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from packaging.requirements import Requirement

    from slspack.model import DistName, LockedDistribution, Target, WheelFacts
    from slspack.resolve.problem import Problem


def reached(
    distributions: Sequence[LockedDistribution], facts: Mapping[DistName, WheelFacts], problem: Problem
) -> tuple[LockedDistribution, ...]:
    """The distributions that the requirements lead to by Requires-Dist, its markers evaluated for the target.

    Raises SLS0203 where the target needs one that the resolution lacks.
    """
    pinned = {one.name for one in distributions}
    waiting = [(one.name, extra) for one in problem.requirements for extra in ("", *sorted(one.extras))]
    seen: set[tuple[DistName, str]] = set()
    missing: dict[DistName, Finding] = {}
    while waiting:
        step = waiting.pop()
        if step in seen:
            continue
        seen.add(step)
        for name, extra in needs(facts[step[0]], step[1], problem.target):
            if name in pinned:
                waiting.append((name, extra))
            else:
                missing[name] = _missing(step[0], name, problem)
    if missing:
        raise SlspackError(missing[name] for name in sorted(missing))
    names = {name for name, _ in seen}
    return tuple(one for one in distributions if one.name in names)


def reached_names(
    roots: Iterable[tuple[DistName, frozenset[str]]], facts: Mapping[DistName, WheelFacts], target: Target
) -> set[DistName]:
    """The distributions that roots with extras lead to, as far as there are facts of them."""
    waiting = [(name, extra) for name, extras in roots for extra in ("", *sorted(extras))]
    seen: set[tuple[DistName, str]] = set()
    while waiting:
        step = waiting.pop()
        if step not in seen and step[0] in facts:
            seen.add(step)
            waiting += needs(facts[step[0]], step[1], target)
    return {name for name, _ in seen}


def needs(facts: WheelFacts, extra: str, target: Target) -> Iterator[tuple[DistName, str]]:
    """What a wheel requires on the target, with an extra or (`""`) without, each with the extras of its own."""
    for requirement in requirements_of(facts, extra, target):
        for wanted in ("", *sorted(requirement.extras)):
            yield dist_name(requirement.name), dist_name(wanted)


def requirements_of(facts: WheelFacts, extra: str, target: Target) -> Iterator[Requirement]:
    """The requirements of a wheel whose markers hold on the target, with an extra or (`""`) without."""
    from packaging.requirements import Requirement

    environment = {**marker_environment(target), "extra": extra}
    for text in facts.requires_dist:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            yield requirement


def _missing(by: DistName, name: DistName, problem: Problem) -> Finding:
    return Finding(
        Code.UNRESOLVABLE,
        Severity.ERROR,
        f"`{by}` needs `{name}` on {problem.target}, and pip-tools left it out: on this machine it is not needed",
        None,
        f"list `{name}` among the requirements, or use the default resolver (`resolver: uv`)",
    )

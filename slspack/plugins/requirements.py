"""Requirements that a plugin brings: put into the closure of some functions, and resolved with the others' lock."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.model import dist_name

if TYPE_CHECKING:
    from collections.abc import Collection

    from slspack.model import DistName, Function, Service

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def with_requirement(service: Service, functions: Collection[str], requirement: str) -> Service:
    """The service with a requirement (PEP 508) that these functions, by name, are to hold and no others.

    What the user lists of the same distribution counts in its place. Functions that share a lock go on sharing it.
    """
    match = _NAME.match(requirement)
    if match is None:
        raise ValueError(f"{requirement!r} is no requirement")
    name = dist_name(match[0])
    sets = {one.requirements for one in service.functions if one.name in functions}
    made = (
        _with(function, requirement, name if function.name in functions else None)
        if function.requirements in sets
        else function
        for function in service.functions
    )
    return replace(service, functions=tuple(made))


def _with(function: Function, requirement: str, included: DistName | None) -> Function:
    added = tuple(sorted({*function.requirements.added, requirement}))
    policy = function.policy
    if included is not None:
        policy = replace(policy, include_distributions=tuple(sorted({*policy.include_distributions, included})))
    return replace(function, requirements=replace(function.requirements, added=added), policy=policy)

"""What is asked of the workshop, and what it gives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.builds.origins import ArchiveOrigin, parse_origin
from slspack.builds.record import TRACED
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.builds.origins import SourceOrigin
    from slspack.model import DistName, Finding, Location, LockedDistribution, Target


@dataclass(frozen=True, slots=True)
class BuildOrder:
    """A wheel that somebody needs."""

    origin: SourceOrigin
    target: Target
    name: DistName | None = None
    """None where only the source tells."""
    version: str | None = None
    at: Location | None = None
    """Where the user asked for it."""
    traced: bool = False
    """Whether its modules are taken as first-party source: then the wheel is of its metadata alone."""


@dataclass(frozen=True, slots=True)
class Made:
    """A wheel that was built, now or before, and what is to be said of it."""

    distribution: LockedDistribution
    findings: tuple[Finding, ...] = ()


def order_for(distribution: LockedDistribution) -> BuildOrder:
    """What makes a built wheel again."""
    built = distribution.built
    if built is None or built.target is None:
        raise ValueError(f"{distribution.name} was not built")
    origin = parse_origin(distribution.wheel.url)
    if isinstance(origin, ArchiveOrigin):
        origin = replace(origin, sha256=built.source_digest)
    traced = built.builder == TRACED
    return BuildOrder(origin, built.target, distribution.name, distribution.version, traced=traced)


def filled(order: BuildOrder, made: LockedDistribution, findings: tuple[Finding, ...] = ()) -> Made:
    """An order with what was made for it. Raises SLS0514 where that is another project."""
    if order.name and made.name != order.name:
        raise SlspackError.of(
            Code.BUILT_MISFIT,
            f"`{order.origin}` is the project `{made.name}`, not `{order.name}`",
            hint="the name before `@`, or behind `#egg=`, must be the project's own",
        )
    return Made(made, findings)

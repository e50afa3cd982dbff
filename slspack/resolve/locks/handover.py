"""Where packages of a lock that have to be built are handed over to whoever builds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError

if TYPE_CHECKING:
    from slspack.model import LockedDistribution, Target
    from slspack.resolve.context import ResolveContext
    from slspack.resolve.locks.model import DirectSource, LockedPackage


def built_from_source(package: LockedPackage, target: Target, context: ResolveContext) -> LockedDistribution:
    """The wheel of a package that is locked as a repository, a folder or a source archive (`package.direct`).

    Raises SLS0205: this release takes wheels only.
    """
    del target, context
    what = f"`{package.name}` is locked as {_words(package.direct)}" if package.direct else f"`{package.name}`"
    raise SlspackError.of(
        Code.UNSUPPORTED_REQUIREMENT,
        f"{what}, which would have to be built, and this release takes wheels only",
        at=package.location,
        hint="lock a version that has wheels, or build a wheel and name that; "
        "a local package of pure Python can be one of the `source-roots` instead",
    )


def _words(direct: DirectSource) -> str:
    if direct.kind == "git":
        return f"the repository `{direct.reference}`"
    return f"the {'path' if direct.kind == 'path' else 'archive'} `{direct.reference}`"

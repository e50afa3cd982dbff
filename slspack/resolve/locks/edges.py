"""What formats share that keep no roots of their own: roots from the project file, and the Python they serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Location
from slspack.resolve.locks.formats import refresh_command
from slspack.resolve.locks.model import LockedEdge
from slspack.targets import marker_environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.model import Target
    from slspack.resolve.locks.document import LockDocument
    from slspack.resolve.written import Written, WrittenRequirement


def roots_of(written: Written) -> tuple[LockedEdge, ...]:
    """An edge for each requirement of the project file."""
    return tuple(LockedEdge(one.name, one.marker, one.extras, _versions(one)) for one in written.requirements)


def serves_python(document: LockDocument, specifiers: Iterable[str], target: Target, stated: str) -> None:
    """Raise SLS0207 unless one of the specifiers allows the target's Python."""
    from packaging.specifiers import SpecifierSet

    version = marker_environment(target)["python_full_version"]
    if any(SpecifierSet(one).contains(version, prereleases=True) for one in specifiers):
        return
    raise SlspackError.of(
        Code.LOCK_INVALID,
        f"`{document.path}` does not serve {target}: it was made for Python {stated}",
        at=Location(document.path),
        hint=f"widen the range of Python in the project, then `{refresh_command(document.path)}`",
    )


def _versions(one: WrittenRequirement) -> tuple[str, ...]:
    return one.alternatives or ((one.specifier,) if one.specifier else ())

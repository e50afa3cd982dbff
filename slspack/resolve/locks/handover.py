"""Where packages of a lock that have to be built are handed over to those who build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import BuilderChoice

if TYPE_CHECKING:
    from slspack.builds.orders import BuildOrder
    from slspack.builds.origins import SourceOrigin
    from slspack.model import Target
    from slspack.registry import IndexFile
    from slspack.resolve.context import ResolveContext
    from slspack.resolve.locks.model import DirectSource, LockedPackage


def build_order(package: LockedPackage, target: Target, context: ResolveContext) -> BuildOrder | None:
    """What builds a package that has no fitting wheel; None where it has no source, or nobody may build its sdist.

    Raises SLS0205 for a repository that is not git's.
    """
    from slspack.builds.orders import BuildOrder
    from slspack.resolve.building import is_traced

    origin = _origin(package)
    if origin is None or (package.direct is None and context.build.choice_for(package.name) is BuilderChoice.NONE):
        return None
    from slspack.builds.origins import FolderOrigin

    # A folder's version may change with its content.
    version = None if isinstance(origin, FolderOrigin) else package.version or None
    traced = is_traced(origin, context.traced)
    return BuildOrder(origin, target, package.name, version, package.location, traced=traced)


def source_file(package: LockedPackage) -> IndexFile | None:
    """The source distribution or archive among a package's files."""
    return next((file for file in package.files if not file.is_wheel), None)


def _origin(package: LockedPackage) -> SourceOrigin | None:
    from slspack.builds.origins import ArchiveOrigin

    file = source_file(package)
    if package.direct is not None:
        return _direct(package, package.direct, file)
    return ArchiveOrigin(file.url, file.sha256, size=file.size) if file is not None and file.url else None


def _direct(package: LockedPackage, direct: DirectSource, file: IndexFile | None) -> SourceOrigin:
    from slspack.builds.origins import ARCHIVES, ArchiveOrigin, FolderOrigin, GitOrigin

    if direct.kind == "git":
        return GitOrigin(direct.reference, direct.revision, direct.subdirectory)
    sha256 = file.sha256 if file is not None else None
    if direct.kind == "archive" or (direct.kind == "path" and direct.reference.endswith(ARCHIVES)):
        return ArchiveOrigin(direct.reference, sha256, direct.subdirectory, file.size if file is not None else None)
    if direct.kind == "path":
        return FolderOrigin(direct.reference, direct.subdirectory)
    raise SlspackError.of(
        Code.UNSUPPORTED_REQUIREMENT,
        f"`{package.name}` cannot be built: only git repositories can be fetched",
        at=package.location,
        hint="lock a wheel of it instead",
    )

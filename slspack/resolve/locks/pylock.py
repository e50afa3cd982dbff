"""pylock.toml (PEP 751)."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Digest, Location, dist_name
from slspack.registry import IndexFile
from slspack.registry.credentials import split_credentials
from slspack.resolve.groups import MAIN
from slspack.resolve.locks.document import invalid, lowered, read_toml_lock, stale, table, tables
from slspack.resolve.locks.model import DirectSource, LockedEdge, LockedPackage, LockedPackages
from slspack.resolve.reading import inputs_digest
from slspack.resolve.written import Origin
from slspack.targets import marker_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packaging.pylock import Package, PackageArchive, PackageSdist, PackageWheel, Pylock

    from slspack.model import DistName, LockedDistribution, RequirementSet, Target
    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.locks.document import LockDocument
    from slspack.resolve.written import Written, WrittenRequirement

_LOOK_UP = "slspack-looks-up:/"
"""The scheme of an address for a wheel that the lock names without saying where it is."""


def read_pylock(path: str, asked: RequirementSet, target: Target, files: ServiceFiles) -> LockedPackages:
    """Read what a lock file pins for a target. The standard's own steps select; every package that they give is a root.

    Raises SLS0207 for a file that cannot be read or is not for this target.
    """
    document = read_toml_lock(path, files)
    pylock = _parsed(document)
    selected = tuple(_package(one, document, files) for one in _selected(pylock, path, asked, target))
    roots = tuple(LockedEdge(one.name, package=place) for place, one in enumerate(selected))
    return LockedPackages(path, selected, roots)


def noted_names(path: str, files: ServiceFiles) -> frozenset[DistName] | None:
    """The names that the user listed, as slspack's own writer notes them; None in another tool's file."""
    noted = _ours(read_toml_lock(path, files)).get("listed")
    return frozenset(dist_name(name) for name in noted if isinstance(name, str)) if isinstance(noted, list) else None


def check_inputs(
    path: str,
    beside: Written,
    wanted: Sequence[WrittenRequirement],
    distributions: Sequence[LockedDistribution],
    files: ServiceFiles,
) -> None:
    """Raise SLS0208 where the lock does not hold what the files beside it ask for, or was made of something else."""
    digest = _ours(read_toml_lock(path, files)).get("inputs")
    reason = _not_held(wanted, distributions)
    if reason or (isinstance(digest, str) and digest != inputs_digest(beside)):
        raise stale(path, "` and `".join(beside.sources), reason or "they were changed since")


def _parsed(document: LockDocument) -> Pylock:
    from packaging.pylock import Pylock, PylockUnsupportedVersionError, PylockValidationError

    path = document.path
    try:
        return Pylock.from_dict(_with_addresses(dict(document.tables)))
    except PylockUnsupportedVersionError as error:
        raise invalid(path, Location(path), lowered(str(error))) from None
    except PylockValidationError as error:
        index = re.search(r"packages\[(\d+)\]", str(error))
        raise invalid(path, _nth_package(document, index), lowered(str(error))) from None


def _with_addresses(lock: dict[str, object]) -> dict[str, object]:
    """The lock with an address for each wheel that has a name alone."""
    for package in tables(lock.get("packages")):
        for wheel in tables(package.get("wheels")):
            if "url" not in wheel and "path" not in wheel and isinstance(wheel.get("name"), str):
                wheel["url"] = f"{_LOOK_UP}{wheel['name']}"
    return lock


def _selected(pylock: Pylock, path: str, asked: RequirementSet, target: Target) -> Iterator[Package]:
    """The packages for the target, by the standard's own steps; their wheels are not looked at yet.

    packaging stops at the first package without a fitting wheel, and we want to name them all: so each package stands
    there as a folder, of which nothing needs to fit.
    """
    from packaging.pylock import PackageDirectory, Pylock, PylockSelectError

    bare = [
        replace(package, directory=PackageDirectory(path=str(number)), wheels=None, sdist=None, archive=None, vcs=None)
        for number, package in enumerate(pylock.packages)
    ]
    plan = Pylock(
        lock_version=pylock.lock_version,
        environments=pylock.environments,
        requires_python=pylock.requires_python,
        extras=pylock.extras,
        dependency_groups=pylock.dependency_groups,
        default_groups=pylock.default_groups,
        created_by=pylock.created_by,
        packages=bare,
    )
    try:
        steps = plan.select(
            environment=marker_environment(target),  # type: ignore[arg-type]
            extras=asked.extras,
            dependency_groups=_groups(pylock, asked),
        )
        for _, stands_for in steps:
            yield pylock.packages[int(cast("PackageDirectory", stands_for).path)]
    except PylockSelectError as error:
        raise SlspackError.of(
            Code.LOCK_INVALID,
            f"`{path}` does not serve {target}: {lowered(str(error))}",
            at=Location(path),
            hint="`slspack lock` writes a lock file for all targets of the service",
        ) from None


def _groups(pylock: Pylock, asked: RequirementSet) -> list[str] | None:
    """The groups for the standard's `dependency_groups`, by the names in the file; None for its own default."""
    if not (asked.groups or asked.without_groups or asked.only_groups):
        return None
    default = list(pylock.default_groups or ())
    stated = {dist_name(name): str(name) for name in (*(pylock.dependency_groups or ()), *default)}
    wanted = list(asked.only_groups) or [*default, *asked.groups]
    if MAIN & set(asked.only_groups):
        wanted += default
    without = {dist_name(name) for name in asked.without_groups}
    names = dict.fromkeys(dist_name(name) for name in wanted if dist_name(name) not in without)
    return [stated.get(name, name) for name in names if name in stated or name not in MAIN]


def _package(package: Package, document: LockDocument, files: ServiceFiles) -> LockedPackage:
    stated = package.wheels or ((package.archive,) if package.archive is not None else ())
    listed = [_index_file(wheel, document.path, files) for wheel in stated]
    if package.sdist is not None:
        listed.append(_index_file(package.sdist, document.path, files))
    return LockedPackage(
        dist_name(package.name),
        str(package.version) if package.version is not None else "",
        document.place(package.name),
        files=tuple(listed),
        direct=_direct(package, document.path, files),
    )


def _direct(package: Package, path: str, files: ServiceFiles) -> DirectSource | None:
    folder = posixpath.dirname(path)
    if package.vcs is not None:
        local = posixpath.normpath(posixpath.join(folder, str(package.vcs.path)))
        address, _ = split_credentials(package.vcs.url or files.absolute(local).resolve().as_uri())
        return DirectSource(package.vcs.type, address, package.vcs.commit_id, package.vcs.subdirectory or "")
    if package.directory is not None:
        place = posixpath.normpath(posixpath.join(folder, package.directory.path))
        subdirectory = package.directory.subdirectory or ""
        return DirectSource("path", place, "", subdirectory, editable=package.directory.editable is True)
    if package.archive is not None:
        if package.archive.url is None:
            place = posixpath.normpath(posixpath.join(folder, str(package.archive.path)))
            return DirectSource("path", place, subdirectory=package.archive.subdirectory or "")
        address, _ = split_credentials(package.archive.url)
        return DirectSource("archive", address, subdirectory=package.archive.subdirectory or "")
    return None


def _index_file(wheel: PackageWheel | PackageSdist | PackageArchive, path: str, files: ServiceFiles) -> IndexFile:
    if wheel.url is not None:
        url, _ = split_credentials(wheel.url)
    else:
        # PEP 751: a relative path is relative to the lock file.
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), str(wheel.path).replace("\\", "/")))
        files.exists(place)
        url = files.absolute(place).resolve().as_uri()
    filename = getattr(wheel, "name", None) or unquote(urlsplit(url).path.rpartition("/")[2])
    sha256 = wheel.hashes.get("sha256")
    address = "" if url.startswith(_LOOK_UP) else url
    return IndexFile(filename, address, Digest(sha256.lower()) if sha256 else None, wheel.size)


def _ours(document: LockDocument) -> dict[str, object]:
    return table(table(document.tables.get("tool")).get("slspack"))


def _not_held(wanted: Sequence[WrittenRequirement], distributions: Sequence[LockedDistribution]) -> str:
    from packaging.specifiers import SpecifierSet

    versions = {one.name: one.version for one in distributions}
    for one in wanted:
        if one.name not in versions:
            return f"`{one.name or one.reference}` is not locked"
        specifiers = one.alternatives or (one.specifier,)
        held = any(SpecifierSet(text).contains(versions[one.name], prereleases=True) for text in specifiers)
        if one.origin is Origin.INDEX and not held:
            return f"`{one.name}` is locked at {versions[one.name]}, and `{one.text}` is wanted"
    return ""


def _nth_package(document: LockDocument, index: re.Match[str] | None) -> Location:
    if index is None:
        return Location(document.path)
    text = document.text
    starts = [match.start() for match in re.finditer(r"^[ \t]*\[\[\s*packages\s*\]\]", text, re.MULTILINE)]
    number = int(index[1])
    line = text.count("\n", 0, starts[number]) + 1 if number < len(starts) else None
    return Location(document.path, line) if line else Location(document.path)

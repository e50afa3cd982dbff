"""Reading a lock file of the standard format (PEP 751) for one target."""

from __future__ import annotations

import posixpath
import re
import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import BuilderChoice, Digest, Finding, Listed, Location, LockedDistribution, dist_name
from slspack.registry import IndexFile
from slspack.registry.credentials import split_credentials
from slspack.resolve.reading import as_listed, inputs_digest, wanted_for
from slspack.resolve.written import Origin
from slspack.targets import marker_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from packaging.pylock import Package, PackageArchive, PackageWheel, Pylock

    from slspack.builds.workshop import BuildOrder
    from slspack.model import DistName, RequirementSet, Target
    from slspack.resolve.context import ResolveContext
    from slspack.resolve.written import Written, WrittenRequirement

_LOOK_UP = "slspack-looks-up:/"
"""The scheme of an address for a wheel that the lock names without saying where it is."""


@dataclass(frozen=True, slots=True)
class ReadLock:
    """What a lock file says for one target."""

    distributions: tuple[LockedDistribution, ...]
    listed: tuple[Listed, ...]
    findings: tuple[Finding, ...] = ()


def read_pylock(path: str, beside: Written, asked: RequirementSet, target: Target, context: ResolveContext) -> ReadLock:
    """Read what a lock file pins for a target, with the best wheel that it names of each distribution.

    `beside` are the requirements that it was made from, where they are there: they say what is listed, and a lock that
    does not hold them is stale. A wheel without an address (the standard wants one, some files have none) is looked up
    in the index by its name and hash.

    Raises SLS0207 for a file that cannot be read or is not for this target, SLS0208 for a stale one, SLS0501 for
    distributions of which no wheel fits and that have no source to build one of; and what building raises.
    """
    text, pylock = _parsed(path, context)
    chosen: dict[DistName, LockedDistribution] = {}
    orders: list[BuildOrder] = []
    errors: list[Finding] = []
    for package in _selected(pylock, path, asked, target):
        at = _place(text, path, package.name)
        try:
            locked = _locked(package, path, target, context, at)
        except SlspackError as error:
            errors += error.findings
            continue
        if isinstance(locked, LockedDistribution):
            chosen[locked.name] = locked
        else:
            orders.append(locked)
    if errors:
        raise SlspackError(errors)
    made = context.indexes(context.configuration).workshop.make(orders) if orders else ()
    chosen |= {one.distribution.name: one.distribution for one in made}
    distributions = tuple(chosen[name] for name in sorted(chosen))
    findings = tuple(finding for one in made for finding in one.findings)
    return ReadLock(distributions, _listed(path, pylock, beside, distributions, target), findings)


def _parsed(path: str, context: ResolveContext) -> tuple[str, Pylock]:
    from packaging.pylock import Pylock, PylockUnsupportedVersionError, PylockValidationError

    content = context.files.read(path) or b""
    try:
        text = content.decode("utf-8")
        return text, Pylock.from_dict(_with_addresses(tomllib.loads(text)))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        place = re.search(r"at line (\d+), column (\d+)", str(error))
        at = Location(path, int(place[1]), int(place[2])) if place else Location(path)
        raise _invalid(path, at, f"it is not TOML: {_lower(str(error).partition(' (at ')[0])}") from None
    except PylockUnsupportedVersionError as error:
        raise _invalid(path, Location(path), _lower(str(error))) from None
    except PylockValidationError as error:
        index = re.search(r"packages\[(\d+)\]", str(error))
        raise _invalid(path, _nth_package(text, path, index), _lower(str(error))) from None


def _with_addresses(lock: dict[str, object]) -> dict[str, object]:
    """The lock with an address for each wheel that has a name alone."""
    for package in _tables(lock.get("packages")):
        for wheel in _tables(package.get("wheels")):
            if "url" not in wheel and "path" not in wheel and isinstance(wheel.get("name"), str):
                wheel["url"] = f"{_LOOK_UP}{wheel['name']}"
    return lock


def _tables(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


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
    groups = [*(pylock.default_groups or ()), *asked.groups] if asked.groups else None
    try:
        steps = plan.select(
            environment=marker_environment(target),  # type: ignore[arg-type]
            extras=asked.extras,
            dependency_groups=groups,
        )
        for _, stands_for in steps:
            yield pylock.packages[int(cast("PackageDirectory", stands_for).path)]
    except PylockSelectError as error:
        raise SlspackError.of(
            Code.LOCK_INVALID,
            f"`{path}` does not serve {target}: {_lower(str(error))}",
            at=Location(path),
            hint="`slspack lock` writes a lock file for all targets of the service",
        ) from None


def _locked(
    package: Package, path: str, target: Target, context: ResolveContext, at: Location
) -> LockedDistribution | BuildOrder:
    """The wheel that fits best; the order for one where the lock has a source alone, or only wheels that do not fit."""
    from slspack.wheels import no_fitting_wheel, select_wheel

    name = dist_name(package.name)
    stated = package.wheels or ((package.archive,) if package.archive is not None else ())
    files = [one for one in (_index_file(wheel, path, context) for wheel in stated) if one.is_wheel]
    file = select_wheel(files, target, pinned=True)
    version = str(package.version) if package.version is not None else ""
    if file is None:
        order = _order(package, path, target, context, at)
        if order is not None:
            return order
        if package.sdist is not None:
            files.append(IndexFile(package.sdist.filename, "", None))
        raise no_fitting_wheel(name, version or "(no version)", files, target, at)
    if file.sha256 is None:
        raise _invalid(path, at, f"`{file.filename}` has no sha256")
    if file.url.startswith(_LOOK_UP):
        file = _looked_up(name, file, path, at, context)
    wheel = context.indexes(context.configuration).wheels.wheel_file(name, file)
    return LockedDistribution(name, version or file.filename.split("-")[1], wheel)


def _order(package: Package, path: str, target: Target, context: ResolveContext, at: Location) -> BuildOrder | None:
    """What builds a package; None where it has no source, or nobody may build its sdist."""
    from slspack.builds.workshop import BuildOrder
    from slspack.resolve.pylock_sources import stated_origin

    name = dist_name(package.name)
    only_sdist = package.vcs is None and package.directory is None and package.archive is None
    if only_sdist and context.build.choice_for(name) is BuilderChoice.NONE:
        return None
    try:
        origin = stated_origin(package, posixpath.dirname(path))
    except ValueError as error:
        message = f"`{package.name}` cannot be built: {error}"
        raise SlspackError.of(Code.UNSUPPORTED_REQUIREMENT, message, at=at, hint="lock a wheel of it instead") from None
    if origin is None:
        return None
    version = str(package.version) if package.version is not None and package.directory is None else None
    return BuildOrder(origin, target, name, version, at)


def _index_file(wheel: PackageWheel | PackageArchive, path: str, context: ResolveContext) -> IndexFile:
    if wheel.url is not None:
        url, _ = split_credentials(wheel.url)
    else:
        # PEP 751: a relative path is relative to the lock file.
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), str(wheel.path).replace("\\", "/")))
        url = context.files.absolute(place).resolve().as_uri()
    filename = getattr(wheel, "name", None) or unquote(urlsplit(url).path.rpartition("/")[2])
    sha256 = wheel.hashes.get("sha256")
    return IndexFile(filename, url, Digest(sha256.lower()) if sha256 else None, wheel.size)


def _looked_up(name: DistName, file: IndexFile, path: str, at: Location, context: ResolveContext) -> IndexFile:
    offered = context.indexes(context.configuration).client.files(name)
    same = [one for one in offered if one.filename == file.filename]
    for one in same:
        if one.sha256 is None or one.sha256 == file.sha256:
            return replace(one, sha256=file.sha256)
    if same:
        message = f"the index has another `{file.filename}` than `{path}` names: sha256:{same[0].sha256}"
        hint = "if the change is meant, `slspack lock` writes the lock file anew"
        raise SlspackError.of(Code.HASH_MISMATCH, message, at=at, hint=hint)
    raise SlspackError.of(
        Code.NOT_IN_INDEX,
        f"no index has `{file.filename}`, which `{path}` names without an address",
        at=at,
        hint="name the index that has it: `--extra-index-url`, PIP_EXTRA_INDEX_URL",
    )


def _listed(
    path: str,
    pylock: Pylock,
    beside: Written,
    distributions: Sequence[LockedDistribution],
    target: Target,
) -> tuple[Listed, ...]:
    """What the user listed: beside the lock, else as slspack's own writer noted, else all that is locked."""
    ours = _ours(pylock)
    if beside.sources:
        wanted = _named(wanted_for(beside, target), distributions)
        stale = _not_held(wanted, distributions)
        digest = ours.get("inputs")
        if stale or (isinstance(digest, str) and digest != inputs_digest(beside)):
            reason = stale or "they were changed since"
            raise SlspackError.of(
                Code.LOCK_STALE,
                f"`{path}` does not match {' and '.join(f'`{one}`' for one in beside.sources)}: {reason}",
                at=Location(path),
                hint="`slspack lock` makes it anew",
            )
        return as_listed(wanted)
    noted = ours.get("listed")
    names = {dist_name(name) for name in noted if isinstance(name, str)} if isinstance(noted, list) else None
    at = Location(path)
    return tuple(Listed(one.name, frozenset(), at) for one in distributions if names is None or one.name in names)


def _named(
    wanted: Sequence[WrittenRequirement], distributions: Sequence[LockedDistribution]
) -> tuple[WrittenRequirement, ...]:
    """The requirements, with the locked names of the sources that have none of their own."""
    from slspack.builds.origins import GitOrigin, parse_origin

    def place(text: str) -> str:
        origin = parse_origin(text)
        return str(replace(origin, revision="") if isinstance(origin, GitOrigin) else origin)

    names = {place(one.wheel.url): one.name for one in distributions if one.built is not None}
    return tuple(
        replace(one, name=names.get(place(one.reference), one.name))
        if one.origin is Origin.SOURCE and not one.name
        else one
        for one in wanted
    )


def _ours(pylock: Pylock) -> Mapping[str, object]:
    table = (pylock.tool or {}).get("slspack")
    return cast("Mapping[str, object]", table) if isinstance(table, dict) else {}


def _not_held(wanted: Sequence[WrittenRequirement], distributions: Sequence[LockedDistribution]) -> str | None:
    from packaging.specifiers import SpecifierSet

    versions = {one.name: one.version for one in distributions}
    for one in wanted:
        if one.name not in versions:
            return f"`{one.name or one.reference}` is not locked"
        if one.origin is Origin.INDEX and not SpecifierSet(one.specifier).contains(
            versions[one.name], prereleases=True
        ):
            return f"`{one.name}` is locked at {versions[one.name]}, and `{one.text}` is wanted"
    return None


def _invalid(path: str, at: Location, reason: str) -> SlspackError:
    return SlspackError.of(
        Code.LOCK_INVALID, f"`{path}` cannot be read: {reason}", at=at, hint="`slspack lock` writes it anew"
    )


def _place(text: str, path: str, name: str) -> Location:
    match = re.search(rf"^[ \t]*name\s*=\s*[\"']{re.escape(name)}[\"']", text, re.MULTILINE)
    return Location(path, text.count("\n", 0, match.start()) + 1) if match else Location(path)


def _nth_package(text: str, path: str, index: re.Match[str] | None) -> Location:
    if index is None:
        return Location(path)
    starts = [match.start() for match in re.finditer(r"^[ \t]*\[\[\s*packages\s*\]\]", text, re.MULTILINE)]
    number = int(index[1])
    return Location(path, text.count("\n", 0, starts[number]) + 1) if number < len(starts) else Location(path)


def _lower(text: str) -> str:
    first = text.partition("\n")[0].rstrip(".")
    return first[:1].lower() + first[1:]

"""From packages of a lock to the one wheel of each that fits the target best, with the hash that the lock states."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.keys import key_of
from slspack.model import LockedDistribution
from slspack.registry import IndexFile, files_of_version
from slspack.registry.credentials import split_credentials
from slspack.resolve.locks.document import invalid
from slspack.resolve.locks.formats import refresh_command
from slspack.resolve.locks.handover import build_order, source_file
from slspack.resolve.problem import Upgrade

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slspack.builds.orders import BuildOrder
    from slspack.model import Finding, Target
    from slspack.registry import IndexConfiguration
    from slspack.resolve.context import ResolveContext
    from slspack.resolve.locks.model import LockedPackage


@dataclass(frozen=True, slots=True)
class Choice:
    """The wheels of a lock for a target, and what is to be said of those that were built."""

    distributions: tuple[LockedDistribution, ...]
    findings: tuple[Finding, ...] = ()


def choose_wheels(
    packages: Sequence[LockedPackage],
    path: str,
    target: Target,
    configuration: IndexConfiguration,
    context: ResolveContext,
) -> Choice:
    """The best wheel of each package. What the lock gives no address for is looked up, and kept for the next time.

    A package that names its index is looked up there and nowhere else. One without a wheel that fits, or whose wheels
    `noBinary` bars, is built of the source that the lock names.

    Raises, with all that is wrong, SLS0501 for packages of which no wheel fits (or counts) and that have no source,
    SLS0502 where an index has another file of that name, SLS0507 where it has none, what the index client raises, and
    what building raises.
    """
    chosen: list[LockedDistribution] = []
    errors: list[Finding] = []
    to_look_up: list[LockedPackage] = []
    orders: list[BuildOrder] = []
    for index in dict.fromkeys(one.index for one in packages if one.index):
        # Files are fetched later, with the login that stands in the lock's address.
        context.learn(_only(index, configuration).credentials)
    for package in packages:
        try:
            if package.hashes and not package.files:
                to_look_up.append(package)
                continue
            found = _best(package, path, target, configuration, context)
            if not isinstance(found, IndexFile):
                orders.append(found)
            elif found.url:
                wheel = context.indexes(configuration).wheels.wheel_file(package.name, found)
                chosen.append(LockedDistribution(package.name, package.version or _version(found), wheel))
            else:
                to_look_up.append(replace(package, files=(found,)))
        except SlspackError as error:
            errors += error.findings
    if errors:
        raise SlspackError(errors)
    chosen += _looked_up(to_look_up, path, target, configuration, context)
    made = context.indexes(configuration).workshop.make(orders) if orders else ()
    chosen += (one.distribution for one in made)
    findings = tuple(finding for one in made for finding in one.findings)
    return Choice(tuple(sorted(chosen, key=lambda one: one.name)), findings)


def _best(
    package: LockedPackage, path: str, target: Target, configuration: IndexConfiguration, context: ResolveContext
) -> IndexFile | BuildOrder:
    from slspack.wheels import no_fitting_wheel, select_wheel

    barred = package.direct is None and bool({package.name, ":all:"} & set(configuration.no_binary))
    file = None if barred else select_wheel(package.files, target, pinned=True)
    if file is None:
        order = build_order(_with_address(package, path, configuration, context), target, context)
        if order is not None:
            return order
        if barred:
            raise _barred(package, path)
        raise no_fitting_wheel(package.name, package.version or "(no version)", package.files, target, package.location)
    if file.sha256 is None and not file.url.startswith("file:"):
        raise invalid(path, package.location, f"`{file.filename}` has no sha256")
    return file


def _barred(package: LockedPackage, path: str) -> SlspackError:
    where = "names no source distribution to build" if source_file(package) is None else "has one that nobody may build"
    return SlspackError.of(
        Code.NO_FITTING_WHEEL,
        f"`noBinary` bars the wheels of `{package.name}` {package.version}, and `{path}` {where}",
        at=package.location,
        hint="let its wheels count, choose a version with a source distribution, or name a `builder` for it",
    )


def _with_address(
    package: LockedPackage, path: str, configuration: IndexConfiguration, context: ResolveContext
) -> LockedPackage:
    """The package with its source distribution looked up, where the lock has a name alone."""
    source = source_file(package)
    if source is None or source.url or package.direct is not None:
        return package
    place = _only(package.index, configuration) if package.index else configuration
    offered = context.indexes(place).client.files(package.name)
    return replace(package, files=(_same(package, source, offered, path),))


def _looked_up(
    packages: Sequence[LockedPackage],
    path: str,
    target: Target,
    configuration: IndexConfiguration,
    context: ResolveContext,
) -> tuple[LockedDistribution, ...]:
    if not packages:
        return ()
    key = key_of(
        "looked-up",
        target,
        [(one.name, one.version, one.index, sorted(one.hashes), _named(one.files)) for one in packages],
        configuration.identity,
    )
    kept = context.kept.read(key) if context.upgrade is Upgrade.KEEP else None
    if kept is None:
        context.progress(f"looking up the files of `{path}`")
        kept = _asked(packages, path, target, configuration, context)
        context.kept.write(key, kept)
    elif any(one.built is not None for one in kept):
        from slspack.resolve.building import renewed

        kept, _ = renewed(kept, context.indexes(configuration))
    return kept


def _asked(
    packages: Sequence[LockedPackage],
    path: str,
    target: Target,
    configuration: IndexConfiguration,
    context: ResolveContext,
) -> tuple[LockedDistribution, ...]:
    found: list[LockedDistribution] = []
    orders: list[BuildOrder] = []
    errors: list[Finding] = []
    failure: type[SlspackError] = SlspackError
    for index in dict.fromkeys(one.index for one in packages):
        there = [one for one in packages if one.index == index]
        place = _only(index, configuration) if index else configuration
        indexes = context.indexes(place)
        try:
            pages = indexes.client.files_of(one.name for one in there)
        except SlspackError as error:
            errors += error.findings
            failure = type(error)
            continue
        for package in there:
            try:
                order = _source_in_page(package, pages[package.name], target, context)
                if order is not None:
                    orders.append(order)
                    continue
                file = _in_page(package, pages[package.name], path, target)
                wheel = indexes.wheels.wheel_file(package.name, file)
                _check(package, wheel.sha256, file, path)
                found.append(LockedDistribution(package.name, package.version, wheel))
            except SlspackError as error:
                errors += error.findings
    if errors:
        raise failure(errors)
    if orders:
        found += (one.distribution for one in context.indexes(configuration).workshop.make(orders))
    return tuple(found)


def _source_in_page(
    package: LockedPackage, offered: tuple[IndexFile, ...], target: Target, context: ResolveContext
) -> BuildOrder | None:
    """What builds a package of which a lock has hashes alone, where no wheel with one of them fits."""
    from slspack.wheels import select_wheel

    files = files_of_version(offered, package.version)
    if package.files or select_wheel(files, target, pinned=True) is not None:
        return None
    source = next((one for one in files if not one.is_wheel and one.sha256 in package.hashes), None)
    return build_order(replace(package, files=(source,)), target, context) if source is not None else None


def _only(index: str, configuration: IndexConfiguration) -> IndexConfiguration:
    """The way to one index and no other: a name that is bound to it is not looked up elsewhere."""
    return configuration.only(index)


def _in_page(package: LockedPackage, offered: tuple[IndexFile, ...], path: str, target: Target) -> IndexFile:
    from slspack.wheels import no_fitting_wheel, select_wheel

    if package.files:
        return _same(package, package.files[0], offered, path)
    files = files_of_version(offered, package.version)
    file = select_wheel(files, target, pinned=True, hashes=package.hashes)
    if file is None:
        fitting = select_wheel(files, target, pinned=True)
        if fitting is not None:
            raise _other_file(package, fitting, path)
        raise no_fitting_wheel(package.name, package.version, files, target, package.location)
    return file


def _same(package: LockedPackage, wanted: IndexFile, offered: Iterable[IndexFile], path: str) -> IndexFile:
    same = [one for one in offered if one.filename == wanted.filename]
    for one in same:
        if one.sha256 is None or one.sha256 == wanted.sha256:
            return replace(one, sha256=wanted.sha256)
    if same:
        raise _other_file(package, same[0], path)
    where = f"the index `{split_credentials(package.index)[0]}` has no" if package.index else "no index has"
    raise SlspackError.of(
        Code.NOT_IN_INDEX,
        f"{where} `{wanted.filename}`, which `{path}` names without an address",
        at=package.location,
        hint="name the index that has it: `--extra-index-url`, PIP_EXTRA_INDEX_URL",
    )


def _check(package: LockedPackage, sha256: str, file: IndexFile, path: str) -> None:
    """Where the index states no hash, the file itself has told it."""
    if package.hashes and sha256 not in package.hashes:
        raise _other_file(package, file, path, sha256)


def _other_file(package: LockedPackage, file: IndexFile, path: str, sha256: str | None = None) -> SlspackError:
    return SlspackError.of(
        Code.HASH_MISMATCH,
        f"the index has another `{file.filename}` than `{path}` names: sha256:{sha256 or file.sha256}",
        at=package.location,
        hint=f"if the change is meant, `{refresh_command(path)}` writes the lock file anew",
    )


def _named(files: Iterable[IndexFile]) -> list[tuple[str, str | None]]:
    return [(one.filename, one.sha256) for one in files]


def _version(file: IndexFile) -> str:
    return str(file.version) if file.version is not None else ""

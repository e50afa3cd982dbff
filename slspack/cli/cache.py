"""`slspack cache`: what the store holds, whether it is sound, and how large it may be."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Unpack

import click

from slspack.cli.options import ServiceValues, load_options, service_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slspack.model import CacheSettings
    from slspack.store import Limits, Store
    from slspack.store.prune import Pruning

SCHEMA = "slspack-cache/1"


class _JsonValues(ServiceValues):
    as_json: bool


class _PruneValues(ServiceValues):
    max_size: int | None
    max_age: int | None
    dry_run: bool


def _parsed(parse: Callable[[str], int | None]) -> Callable[[click.Context, click.Parameter, str | None], int | None]:
    def callback(_context: click.Context, _parameter: click.Parameter, text: str | None) -> int | None:
        try:
            return None if text is None else parse(text)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error

    return callback


def _size(text: str) -> int:
    from slspack.store.limits import parse_size

    size = parse_size(text)
    if size is None:
        raise ValueError("name a size such as `5GB`")
    return size


def _age(text: str) -> int:
    from slspack.store.limits import parse_age

    return parse_age(text)


_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on standard output.")


@click.group("cache")
def command() -> None:
    """Look after the store, which all services of this user share.

    It holds wheels, what is known of them, and segments of zips.
    """


@command.command("info")
@service_options
@_json_option
def info(**values: Unpack[_JsonValues]) -> None:
    """Say where the store is and what it holds."""
    from slspack.report.table import human_size
    from slspack.store import limits_of
    from slspack.store.census import totals

    store, settings = _store(values)
    limit = limits_of(settings, os.environ).max_size
    with _usable(store):
        kinds = totals(store)
    objects, size = sum(each.objects for each in kinds), sum(each.bytes for each in kinds)
    if values["as_json"]:
        by_kind = {each.kind.value: {"objects": each.objects, "bytes": each.bytes} for each in kinds}
        _print_json(
            {"location": str(store.root), "max_bytes": limit, "objects": objects, "bytes": size, "kinds": by_kind}
        )
        return
    _print(f"{store.root}")
    for each in kinds:
        _print(f"  {each.kind.value:11} {each.objects:6} objects  {human_size(each.bytes):>8}")
    bound = "no limit" if limit is None else f"limit {human_size(limit)}"
    _print(f"  {'all':11} {objects:6} objects  {human_size(size):>8}  ({bound})")


@command.command("verify")
@service_options
@_json_option
def verify(**values: Unpack[_JsonValues]) -> None:
    """Hash every object, and throw away what was altered.

    A build that needs it fetches or makes it again.
    """
    from slspack.store.census import stored_objects

    store, _ = _store(values)
    with _usable(store):
        found = list(stored_objects(store))
        damaged = [each for each in found if not store.recheck(each.kind, each.key)]
    if values["as_json"]:
        names = [{"kind": each.kind.value, "key": each.key} for each in damaged]
        _print_json({"location": str(store.root), "objects": len(found), "damaged": names})
        return
    for each in damaged:
        _print(f"removed {each.kind.value} {each.key}: it was altered")
    _print(f"{len(found)} objects, {len(damaged)} of them damaged")


@command.command("prune")
@service_options
@click.option("--max-size", metavar="SIZE", callback=_parsed(_size), help="Leave at most so much, such as 5GB.")
@click.option("--max-age", metavar="AGE", callback=_parsed(_age), help="Leave what was used so recently, such as 30d.")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def prune(**values: Unpack[_PruneValues]) -> None:
    """Remove what was used least recently, until the rest is within limits.

    What a running build uses stays. Without limits on the command line, those that builds keep count.
    """
    from slspack.store import Limits, limits_of

    store, settings = _store(values)
    limits = Limits(values["max_size"], values["max_age"])
    if limits == Limits():
        limits = limits_of(settings, os.environ)
    _prune(store, limits, dry_run=values["dry_run"])


@command.command("clear")
@service_options
def clear(**values: Unpack[ServiceValues]) -> None:
    """Remove everything that no running build uses."""
    from slspack.store import Limits

    store, _ = _store(values)
    _prune(store, Limits(max_size=0), dry_run=False)


def _prune(store: Store, limits: Limits, *, dry_run: bool) -> None:
    from slspack.store.prune import prune

    with _usable(store):
        if not store.root.is_dir():
            _say(f"nothing in {store.root}")
            return
        pruning = prune(store, limits, rehearse=dry_run)
    _print_pruning(pruning, "would remove" if dry_run else "removed")


def _print_pruning(pruning: Pruning, verb: str) -> None:
    from slspack.report.table import human_size

    _say(f"{verb} {len(pruning.removed)} objects, {human_size(pruning.removed_bytes)}; {human_size(pruning.left)} left")
    if pruning.in_use:
        size = human_size(sum(each.size for each in pruning.in_use))
        _say(f"kept {len(pruning.in_use)} objects, {size}, which a running process may be using")


def _store(values: ServiceValues) -> tuple[Store, CacheSettings]:
    """The store of the service in the folder; where no service is, the user's."""
    from slspack.codes import Code
    from slspack.config import load_service
    from slspack.errors import ConfigError
    from slspack.model import CacheSettings
    from slspack.store import Store
    from slspack.store.opening import location_of

    folder = values["folder"].absolute()
    try:
        settings = load_service(folder, load_options(values)).cache
    except ConfigError as error:
        if values["config"] or any(finding.code is not Code.CONFIG_NOT_FOUND for finding in error.findings):
            raise
        settings = CacheSettings()
    return Store(location_of(settings, folder, os.environ)), settings


@contextmanager
def _usable(store: Store) -> Iterator[None]:
    from slspack.codes import Code
    from slspack.errors import MachineError

    try:
        yield
    except OSError as error:
        raise MachineError.of(
            Code.STORE_UNUSABLE,
            f"the store `{store.root}` cannot be used: {error.strerror or error}",
            hint="see to the permissions there, or name another folder with `SLSPACK_CACHE_DIR`",
        ) from error


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 (a command's own output)


def _print_json(document: dict[str, object]) -> None:
    sys.stdout.write(json.dumps({"schema": SCHEMA, **document}, indent=2) + "\n")


def _print(line: str) -> None:
    print(line)  # noqa: T201 (a command's own output)

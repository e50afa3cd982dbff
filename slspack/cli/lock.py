"""`slspack lock`: pin everything for every target, in a file that people and tools can read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Unpack

import click

from slspack.cli.options import ServiceValues, load_options, service_options

if TYPE_CHECKING:
    from slspack.locking import LockFile, LockRequest


class _Values(ServiceValues):
    names: tuple[str, ...]
    format: str
    output: str | None
    per_function: bool
    upgrade: bool
    check: bool
    quiet: bool


@click.command("lock")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@service_options
@click.option(
    "--format",
    type=click.Choice(["pylock", "requirements"]),
    default="pylock",
    show_default=True,
    help="A pylock.toml, or a hashed requirements file as pip-tools writes it.",
)
@click.option("--output", metavar="PATH", help="The file to write; with --per-function, the folder. Relative to -C.")
@click.option("--per-function", is_flag=True, help="A requirements file for each function, of what it needs.")
@click.option("--upgrade", is_flag=True, help="Take the newest versions: of everything, or of each NAME only.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file is missing or out of date.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def command(**values: Unpack[_Values]) -> None:
    """Resolve the requirements for every target, and write them down.

    The file stands beside the requirements, and is what later builds read. Versions in it stay where the requirements
    still allow them, unless they are upgraded. A file whose text would not change is left as it is; a requirements file
    that slspack has not written is never replaced.
    """
    from slspack.cli.progress import shown_progress
    from slspack.locking import check_locks, plan_locks, write_locks

    request = _request(values)
    with shown_progress(sys.stderr, quiet=values["quiet"]) as progress:
        files = plan_locks(request, progress)
    if values["check"]:
        check_locks(files)
    else:
        write_locks(request.folder, files)
    if not values["quiet"]:
        _show(files)


def _request(values: _Values) -> LockRequest:
    from slspack.locking import LockFormat, LockRequest
    from slspack.model import dist_name
    from slspack.resolve import Upgrade

    if values["names"] and not values["upgrade"]:
        raise click.UsageError("names are those to upgrade: add --upgrade")
    if values["per_function"] and (values["format"] != "requirements" or values["upgrade"]):
        raise click.UsageError("--per-function is for --format requirements, and takes what the one lock says")
    upgrade = Upgrade.KEEP
    if values["upgrade"]:
        upgrade = Upgrade.SOME if values["names"] else Upgrade.REFRESH
    return LockRequest(
        folder=values["folder"].absolute(),
        load=load_options(values),
        format=LockFormat(values["format"]),
        output=values["output"],
        per_function=values["per_function"],
        upgrade=upgrade,
        names=tuple(dict.fromkeys(dist_name(name) for name in values["names"])),
    )


def _show(files: tuple[LockFile, ...]) -> None:
    for file in files:
        state = "unchanged" if file.current else "written"
        print(f"{file.path}: {state}, {file.distributions} distributions", file=sys.stderr)  # noqa: T201 (a command's own output)
        if file.present:
            for change in file.changes:
                print(f"  {change}", file=sys.stderr)  # noqa: T201

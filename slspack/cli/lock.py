"""`slspack lock`: pin everything for every target, in a file that people and tools can read."""

from __future__ import annotations

import sys
from typing import Unpack

import click

from slspack.cli.options import ServiceValues, load_options, service_options


class _Values(ServiceValues):
    upgrade: bool
    quiet: bool


@click.command("lock")
@service_options
@click.option("--upgrade", is_flag=True, help="Resolve again, instead of keeping what was resolved before.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def command(**values: Unpack[_Values]) -> None:
    """Resolve the requirements for every target, and write pylock.toml.

    The file (PEP 751) stands beside the requirements, and is what later builds read. One whose text would not change is
    left as it is.
    """
    from slspack.cli.progress import shown_progress
    from slspack.locking import write_locks
    from slspack.resolve import Upgrade

    with shown_progress(sys.stderr, quiet=values["quiet"]) as progress:
        written = write_locks(
            values["folder"].absolute(),
            load_options(values),
            Upgrade.REFRESH if values["upgrade"] else Upgrade.KEEP,
            progress,
        )
    for file in written:
        if not values["quiet"]:
            state = "written" if file.changed else "unchanged"
            print(f"{file.path}: {state}, {file.distributions} distributions", file=sys.stderr)  # noqa: T201 (a command's own output)

"""`slspack migrate`: what a project that another tool has bundled so far has to change."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from slspack.cli.options import absolute, folder_option

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.migrating import Remark


@click.command("migrate")
@folder_option("The project's folder.")
@click.option("--write", "writes", is_flag=True, help="Edit the configuration, too, instead of only showing the edit.")
@click.option("--debug", is_flag=True, help="Print the traceback of an error, too.")
def command(folder: Path, *, writes: bool, debug: bool) -> None:
    """Say what a project that uses serverless-python-requirements (or SAM, or CDK) has to change.

    What becomes of each option, and what else is to be done, goes to standard error; the smallest edit of the
    `serverless.yml` that keeps its functions as they are goes to standard output, as a patch.
    """
    from slspack.migrating import migration_of, write

    migration = migration_of(absolute(folder))
    sys.stderr.write("".join(_line(remark) for remark in migration.remarks))
    sys.stdout.write(migration.diff)
    if writes and migration.diff:
        write(absolute(folder), migration)
        sys.stderr.write(f"{migration.name}: written\n")


def _line(remark: Remark) -> str:
    place = f"{remark.at}: " if remark.at else ""
    return f"{place}`{remark.subject}` {remark.outcome}\n"

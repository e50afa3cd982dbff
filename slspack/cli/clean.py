"""`slspack clean`: take away what builds have left in a service."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from slspack.cli.options import folder_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command("clean")
@folder_option("The service's folder.")
@click.option("--debug", is_flag=True, help="Print the traceback of an error, too.")
def command(folder: Path, *, debug: bool) -> None:
    """Remove .slspack/ and slspack_dist/: artifacts, manifest and what builds have kept.

    What services share stays in the store, below the user's cache folder.
    """
    from slspack.cleaning import remove_outputs

    for path in remove_outputs(folder.absolute()):
        print(f"removed {path}", file=sys.stderr)  # noqa: T201 (a command's own output)

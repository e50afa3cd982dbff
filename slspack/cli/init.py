"""`slspack init`: a package to go on from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from slspack.cli.options import absolute, folder_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command("init")
@click.option("--plugin", "plugin", required=True, metavar="NAME", help="Begin a plugin: a package of that name.")
@folder_option("Where the package's folder goes.")
@click.option("--debug", is_flag=True, help="Print the traceback of an error, too.")
def command(plugin: str, folder: Path, *, debug: bool) -> None:
    """Write a plugin's package into a new folder of its name: with options, two hooks, and tests that pass."""
    from slspack.scaffold import plugin_package, write_package

    contents = plugin_package(plugin)
    write_package(absolute(folder) / plugin, contents)
    sys.stderr.writelines(f"wrote {plugin}/{path}\n" for path in contents)
    sys.stderr.write(f"next: cd {plugin} && pip install -e . --group dev && pytest\n")

"""`slspack hook sam`: what the Makefile of a `BuildMethod: makefile` calls, and the Makefile itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from slspack.cli.options import ServiceValues, absolute, load_options, service_options

if TYPE_CHECKING:
    from slspack.options import LoadOptions


class _Values(ServiceValues):
    name: str | None
    artifacts: Path | None
    makefile: bool


@click.command("sam")
@service_options
@click.option("-f", "--function", "name", metavar="NAME", help="The function to build, or whose Makefile to print.")
@click.option(
    "--artifacts", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="The folder for its files."
)
@click.option("--makefile", is_flag=True, help="Print the Makefile for each `CodeUri`, and build nothing.")
def command(**values: Unpack[_Values]) -> None:
    """Build one function into the folder that `sam build` names, or print the Makefile that asks for it."""
    from dataclasses import replace

    from slspack.deploy.sam import find_template

    folder, load = absolute(values["folder"]), load_options(values)
    load = replace(load, config=find_template(folder, load))
    name, artifacts = values["name"], values["artifacts"]
    if values["makefile"]:
        sys.stdout.write(_makefiles(folder, load, name))
    elif name is None or artifacts is None:
        raise click.UsageError("name the function with -f and the folder with --artifacts, or ask for --makefile")
    else:
        _build(folder, load, name, absolute(artifacts))


def _build(folder: Path, load: LoadOptions, name: str, artifacts: Path) -> None:
    from slspack.deploy.unpacking import unpack
    from slspack.engine import Engine
    from slspack.progress import Silence
    from slspack.report import print_findings
    from slspack.request import BuildRequest

    # `sam build` knows nothing of layers that slspack makes: no template would have them.
    request = BuildRequest(folder, load, (name,), folder / ".slspack" / "sam", whole=True)
    result = Engine(request, Silence()).build()
    print_findings(result.findings, sys.stderr)
    unpack(folder / result.manifest.record["functions"][name]["artifact"], artifacts)


def _makefiles(folder: Path, load: LoadOptions, name: str | None) -> str:
    from slspack.deploy.sam import makefiles

    texts = makefiles(folder, load, name)
    return "\n".join(f"# {name}\n{text}" if len(texts) > 1 else text for name, text in texts.items())

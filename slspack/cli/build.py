"""`slspack build`: one artifact per function."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Unpack

import click

from slspack.cli.options import (
    OutputValues,
    ServiceValues,
    function_option,
    individually_option,
    load_options,
    output_options,
    service_options,
)
from slspack.model import ArtifactFormat


class _Values(ServiceValues, OutputValues):
    names: tuple[str, ...]
    individually: bool | None
    out: Path | None
    form: str
    explain_cache: bool
    verbose: bool
    live: bool


@click.command("build")
@service_options
@function_option
@individually_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the artifacts and manifest.json go, instead of .slspack/dist/ (zips) or slspack_dist/ (folders).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in ArtifactFormat]),
    default=ArtifactFormat.ZIP.value,
    show_default=True,
    help="Zips, or unzipped folders.",
)
@click.option("--explain-cache", is_flag=True, help="Say for each artifact why it was written again, or was not.")
@click.option("-v", "--verbose", is_flag=True, help="Print how long each stage took, too.")
@click.option(
    "--live",
    is_flag=True,
    help="With --format dir: write .slspack/live/, too, for the PYTHONPATH of a local emulator.",
)
@output_options
def command(**values: Unpack[_Values]) -> None:
    """Write an artifact for each function, and manifest.json beside them.

    They go to .slspack/dist/ in the service's folder, or to slspack_dist/ as folders. What has not changed since the
    last build is kept as it is.
    """
    from slspack.cli.progress import print_result, shown_progress
    from slspack.engine import Engine
    from slspack.request import BuildRequest

    if values["live"] and values["form"] != ArtifactFormat.DIRECTORY.value:
        raise click.UsageError("--live serves folders: it goes with --format dir")
    request = BuildRequest(
        folder=values["folder"].absolute(),
        load=load_options(values, values["individually"]),
        names=values["names"],
        out=values["out"].absolute() if values["out"] else None,
        format=ArtifactFormat(values["form"]),
        live=values["live"],
    )
    with shown_progress(sys.stderr, quiet=values["quiet"]) as progress:
        result = Engine(request, progress).build()
    print_result(result.findings, values)
    if values["as_json"]:
        sys.stdout.write(result.manifest.to_json())
    elif not values["quiet"]:
        from slspack.report.table import print_reasons, print_table, print_timings

        print_table(result.manifest, sys.stderr)
        if values["explain_cache"]:
            print_reasons(result.reasons, sys.stderr)
        if values["verbose"]:
            print_timings(result.manifest, sys.stderr)

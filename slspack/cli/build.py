"""`slspack build`: one artifact per function."""

from __future__ import annotations

import sys
from typing import Unpack

import click

from slspack.cli.options import (
    ArtifactValues,
    OutputValues,
    artifact_options,
    build_request,
    function_option,
    individually_option,
    output_options,
    service_options,
)


class _Values(ArtifactValues, OutputValues):
    explain_cache: bool
    verbose: bool


@click.command("build")
@service_options
@function_option
@individually_option
@artifact_options
@click.option("--explain-cache", is_flag=True, help="Say for each artifact why it was written again, or was not.")
@click.option("-v", "--verbose", is_flag=True, help="Print how long each stage took, too.")
@output_options
def command(**values: Unpack[_Values]) -> None:
    """Write an artifact for each function, and manifest.json beside them.

    They go to .slspack/dist/ in the service's folder, or to slspack_dist/ as folders. What has not changed since the
    last build is kept as it is.
    """
    from slspack.cli.progress import print_result, shown_progress
    from slspack.engine import Engine
    from slspack.model import Check

    request = build_request(values, Check.FILES)
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

"""`slspack build`: one artifact per function."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

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

if TYPE_CHECKING:
    from slspack.request import BuildRequest


class _Values(ArtifactValues, OutputValues):
    explain_cache: bool
    sam: bool
    verbose: bool


@click.command("build")
@service_options
@function_option
@individually_option
@artifact_options
@click.option("--sam", is_flag=True, help="Write .aws-sam/build/template.yaml for `sam`, the artifacts beside it.")
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
    if values["sam"]:
        request = _for_sam(request)
    with shown_progress(sys.stderr, quiet=values["quiet"]) as progress:
        result = Engine(request, progress).build()
    if values["sam"]:
        from slspack.deploy.sam import BUILD_FOLDER, write_built_templates

        write_built_templates(request.folder, request.load, result.manifest, request.folder / BUILD_FOLDER)
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


def _for_sam(request: BuildRequest) -> BuildRequest:
    """The same request for the service of the template, with the artifacts where `sam build` would put them."""
    from slspack.deploy.sam import BUILD_FOLDER, find_template

    if request.names:
        raise click.UsageError("--sam writes one template for all functions: it does not go with -f")
    template = find_template(request.folder, request.load)
    # Before the build looks at the service's folder, so that the next one finds no name in it that is new.
    (request.folder / BUILD_FOLDER).parent.mkdir(exist_ok=True)
    out = request.out or request.folder / BUILD_FOLDER
    return replace(request, load=replace(request.load, config=template), out=out)

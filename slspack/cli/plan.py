"""`slspack plan`: what each artifact would hold, without building it."""

from __future__ import annotations

import sys
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


class _Values(ServiceValues, OutputValues):
    names: tuple[str, ...]
    individually: bool | None


@click.command("plan")
@service_options
@function_option
@individually_option
@output_options
def command(**values: Unpack[_Values]) -> None:
    """Print what each artifact would hold, without writing it.

    The fingerprint of an artifact changes when, and only when, its bytes would.
    """
    from slspack.cli.progress import print_result, shown_progress
    from slspack.pipeline import plan_artifacts
    from slspack.progress import Timings
    from slspack.report.plans import plans_to_json, print_plans
    from slspack.request import BuildRequest

    request = BuildRequest(
        folder=values["folder"].absolute(),
        load=load_options(values, values["individually"]),
        names=values["names"],
    )
    with shown_progress(sys.stderr, quiet=values["quiet"]) as progress:
        result = plan_artifacts(request, Timings(progress))
    print_result(result.findings, values)
    if values["as_json"]:
        sys.stdout.write(plans_to_json(result.analysis.service, result.plans, result.layers))
    else:
        print_plans({**result.plans, **{layer.plan.name: layer.plan for layer in result.layers}}, sys.stdout)

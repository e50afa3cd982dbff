"""`slspack config`: the service as the configuration declares it, with all variables resolved."""

from __future__ import annotations

import sys
from typing import Unpack

import click

from slspack.cli.options import OutputValues, ServiceValues, absolute, load_options, output_options, service_options


class _Values(ServiceValues, OutputValues):
    pass


@click.command("config")
@service_options
@output_options
def command(**values: Unpack[_Values]) -> None:
    """Print what the configuration comes to: the functions, their targets, and where their requirements stand.

    Variables are resolved, and plugins have had their say; with --json every setting is shown, defaults too.
    """
    from slspack.beginning import begin
    from slspack.cli.progress import print_result
    from slspack.report.service import service_lines, service_to_json

    service = begin(absolute(values["folder"]), load_options(values)).service
    print_result(service.findings, values)
    text = service_to_json(service) if values["as_json"] else "\n".join(service_lines(service)) + "\n"
    sys.stdout.write(text)

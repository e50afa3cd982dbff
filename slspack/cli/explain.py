"""`slspack explain`: why something is in a function, or why not."""

from __future__ import annotations

import sys
from typing import Unpack

import click

from slspack.cli.options import ServiceValues, load_options, service_options


class _Values(ServiceValues):
    function: str
    name: str


@click.command("explain")
@service_options
@click.argument("function")
@click.argument("name")
def command(**values: Unpack[_Values]) -> int:
    """Print why NAME is in FUNCTION, or why it is not.

    NAME is a distribution, a module or a file. If it is there, this is the shortest chain of imports that brought it
    in; if not, the exit status is 1.
    """
    from slspack.cli.progress import shown_progress
    from slspack.errors import ExitStatus
    from slspack.pipeline import explain_name
    from slspack.progress import Timings
    from slspack.request import BuildRequest

    request = BuildRequest(folder=values["folder"].absolute(), load=load_options(values), names=(values["function"],))
    with shown_progress(sys.stderr, quiet=False) as progress:
        explanation = explain_name(request, values["name"], Timings(progress))
    for line in explanation.lines():
        print(line)  # noqa: T201 (a command's own output)
    return ExitStatus.DONE if explanation.present else ExitStatus.BUILD_FAILED

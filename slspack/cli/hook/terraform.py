"""`slspack hook terraform`: the program of an `external` data source."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click


@click.command("terraform")
@click.option("--debug", is_flag=True, help="Print the traceback of an error, too.")
def command(*, debug: bool) -> None:
    """Build what the query on standard input asks for, and print where it is and its hash.

    Both are flat JSON objects of strings, as the data source `external` of Terraform and OpenTofu wants them.
    """
    from slspack.cli.options import absolute
    from slspack.deploy.terraform import answer, read_query
    from slspack.engine import Engine
    from slspack.options import LoadOptions
    from slspack.progress import Silence
    from slspack.report import print_findings
    from slspack.request import BuildRequest

    query = read_query(sys.stdin.read())
    load = LoadOptions(
        config=query.config,
        stage=query.stage,
        options={"stage": query.stage} if query.stage else {},
        params=query.params,
        environment=dict(os.environ),
    )
    request = BuildRequest(
        folder=absolute(query.folder),
        load=load,
        names=(query.function,) if query.function else (),
        out=absolute(query.out) if query.out else None,
        whole=True,
    )
    result = Engine(request, Silence()).build()
    print_findings(result.findings, sys.stderr)
    sys.stdout.write(answer(result.manifest, request.folder, query.function, Path.cwd()))

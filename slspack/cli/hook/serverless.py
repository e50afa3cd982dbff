"""`slspack hook serverless`: what the npm package `serverless-slspack` starts."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from typing import TextIO


@click.command("serverless")
@click.option("--debug", is_flag=True, help="Print the traceback of an error on standard error, too.")
def command(*, debug: bool) -> int:
    """Do what the Serverless Framework's plugin asks for.

    Its request is a JSON object on standard input, with the Framework's resolved service; the answers are JSON objects
    on standard output, one a line.
    """
    from slspack import __version__
    from slspack.cli.failure import findings_of
    from slspack.deploy.serverless.actions import answer
    from slspack.deploy.serverless.request import PROTOCOL, Action, parse_request, read_request
    from slspack.deploy.serverless.telling import Teller
    from slspack.errors import ExitStatus

    for stream in (sys.stdin, sys.stdout):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # JSON is, whatever the locale says
    teller = Teller(sys.stdout)
    teller.tell("hello", {"protocol": PROTOCOL, "slspack": __version__})
    try:
        request = parse_request(read_request(sys.stdin), dict(os.environ))
        if request.action is Action.WATCH:
            _end_with(sys.stdin)
        answer(request, teller)
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        if debug:
            import traceback

            traceback.print_exception(error)
        findings, status = findings_of(error)
        teller.failed(findings)
        return status
    return ExitStatus.DONE


def _end_with(stream: TextIO) -> None:
    """Interrupt this process when the stream ends: whoever started it has closed it, or is gone."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)

    def wait() -> None:
        stream.read()
        os.kill(os.getpid(), signal.SIGINT)  # on Windows this ends the process there and then

    threading.Thread(target=wait, daemon=True).start()

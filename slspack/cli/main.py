"""The group of commands, and the one place where an error becomes text and an exit status."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import click

from slspack import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = ("build", "cache", "clean", "config", "doctor", "explain", "hook", "lock", "plan", "watch")


class _LazyGroup(click.Group):
    """Imports a command's module only when that command runs or is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"slspack.cli.{cmd_name}").command
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="slspack")
def cli() -> None:
    """Bundle Python Lambda functions: one small, byte-identical zip per function."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the process's exit status; whatever goes wrong is printed, never raised.

    With `--debug` among the arguments the traceback of an error is printed, too.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = cli.main(args=words, prog_name="slspack", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:
        from slspack.cli.failure import report_failure

        return report_failure(error, words)
    return status if isinstance(status, int) else 0

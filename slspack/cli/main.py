"""The group of commands, and the one place where an error becomes text and an exit status."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import click

from slspack import __version__
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = (
    "build",
    "cache",
    "clean",
    "config",
    "doctor",
    "explain",
    "hook",
    "init",
    "lock",
    "migrate",
    "plan",
    "plugins",
    "watch",
)

_PLUGINS = "slspack.plugins"
"""Where it keeps the plugins that were named before the command, for the commands' options."""
_HELP = frozenset({"-h", "--help"})


@dataclass(frozen=True, slots=True)
class Typed:
    """The command line as it was typed, and whether plugins are asked for options of its command."""

    words: list[str]
    extended: bool


class _LazyGroup(click.Group):
    """Imports a command's module only when that command runs or is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            from slspack.cli.plugged import plugin_command

            return plugin_command(cmd_name, ctx.obj.words) if isinstance(ctx.obj, Typed) else None
        command: click.Command = importlib.import_module(f"slspack.cli.{cmd_name}").command
        if isinstance(ctx.obj, Typed) and ctx.obj.extended:
            from slspack.cli.plugged import extended

            return extended(command, ctx.obj.words)
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="slspack")
@click.option("-p", "--plugin", "plugins", multiple=True, metavar="NAME|FILE", help="As the commands' own; repeatable.")
@click.pass_context
def cli(context: click.Context, plugins: tuple[str, ...]) -> None:
    """Bundle Python Lambda functions: one small, byte-identical zip per function."""
    context.meta[_PLUGINS] = plugins


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the process's exit status; whatever goes wrong is printed, never raised.

    With `--debug` among the arguments the traceback of an error is printed, too.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = _main(words)
    except (Exception, KeyboardInterrupt) as error:
        from slspack.cli.failure import report_failure

        return report_failure(error, words)
    return status if isinstance(status, int) else 0


def _main(words: list[str]) -> object:
    """Parse and run; plugins are asked for their options only where help is wanted or an option is unknown."""
    try:
        return _run(words, extended=not _HELP.isdisjoint(words))
    except click.NoSuchOption:
        return _run(words, extended=True)


def _run(words: list[str], *, extended: bool) -> object:
    return cli.main(args=list(words), prog_name="slspack", standalone_mode=False, obj=Typed(words, extended=extended))

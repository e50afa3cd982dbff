"""The group of commands, and the one place where an error becomes text and an exit status."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

import click

from slspack import __version__
from slspack.codes import Code
from slspack.errors import ExitStatus, SlspackError
from slspack.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = ("build", "cache", "clean", "explain", "lock", "plan")


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
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show(sys.stderr)
        return ExitStatus.WRONG_USAGE
    except (KeyboardInterrupt, click.Abort):
        return _failed(
            [Finding(Code.INTERRUPTED, Severity.ERROR, "interrupted; nothing half-written was left in place")],
            ExitStatus.INTERRUPTED,
            words,
        )
    except BrokenPipeError:
        # Whoever read our output has gone; writing more, even at exit, would only raise again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.BUILD_FAILED
    except SlspackError as error:
        return _failed(error.findings, error.exit_status, words)
    except Exception as error:
        finding = Finding(
            Code.INTERNAL,
            Severity.ERROR,
            f"slspack itself failed: {type(error).__name__}: {error}",
            hint="run again with `--debug` and report what it prints",
        )
        return _failed([finding], ExitStatus.BUILD_FAILED, words)
    return status if isinstance(status, int) else ExitStatus.DONE


def _failed(findings: Sequence[Finding], status: ExitStatus, words: Sequence[str]) -> int:
    from slspack.report import print_findings

    if "--debug" in words:
        import traceback

        traceback.print_exc()
    print_findings(findings, sys.stderr)
    return status

"""Whatever went wrong, as text and an exit status."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from slspack.codes import Code
from slspack.errors import ExitStatus, SlspackError
from slspack.model import Finding, Severity
from slspack.report import print_findings

if TYPE_CHECKING:
    from collections.abc import Sequence


def report_failure(error: BaseException, words: Sequence[str]) -> int:
    """Print an error on standard error, with its traceback if `--debug` is among the words, and return the status."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has gone; writing more, even at exit, would only raise again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.BUILD_FAILED
    if "--debug" in words:
        import traceback

        traceback.print_exception(error)
    findings, status = findings_of(error)
    print_findings(findings, sys.stderr)
    return status


def findings_of(error: BaseException) -> tuple[Sequence[Finding], ExitStatus]:
    """What is wrong, and the exit status that says so."""
    if isinstance(error, SlspackError):
        return error.findings, error.exit_status
    if isinstance(error, click.ClickException):
        return [_usage(error)], ExitStatus.WRONG_USAGE
    if isinstance(error, KeyboardInterrupt | click.Abort):
        message = "interrupted; nothing half-written was left in place"
        return [Finding(Code.INTERRUPTED, Severity.ERROR, message)], ExitStatus.INTERRUPTED
    finding = Finding(
        Code.INTERNAL,
        Severity.ERROR,
        f"slspack itself failed: {type(error).__name__}: {error}",
        hint="run again with `--debug` and report what it prints",
    )
    return [finding], ExitStatus.BUILD_FAILED


def _usage(error: click.ClickException) -> Finding:
    """What click says of a command line, in our grammar."""
    message = error.format_message().strip().removesuffix(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "slspack"
    hint = f"`{command} --help` lists what it takes"
    return Finding(Code.USAGE, Severity.ERROR, message[:1].lower() + message[1:], hint=hint)

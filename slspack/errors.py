"""Findings (what is wrong, where, what to do) and the exceptions that carry them."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from slspack.model import Finding, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.codes import Code


class ExitStatus(IntEnum):
    """The process's exit status, as documented in `docs/reference/cli.md`."""

    DONE = 0
    BUILD_FAILED = 1
    WRONG_USAGE = 2
    MACHINE_LACKS = 3
    INTERRUPTED = 130


class SlspackError(Exception):
    """The root of every error that a user can act on: one or more findings, collected before failing."""

    exit_status = ExitStatus.BUILD_FAILED

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(finding.message for finding in self.findings))

    @classmethod
    def of(cls, code: Code, message: str, *, at: Location | None = None, hint: str | None = None) -> SlspackError:
        """The error for a single finding."""
        return cls([Finding(code, Severity.ERROR, message, at, hint)])


class ConfigError(SlspackError):
    """The command line or a configuration file is wrong."""

    exit_status = ExitStatus.WRONG_USAGE


class MachineError(SlspackError):
    """The machine lacks something: the network, an interpreter, a tool."""

    exit_status = ExitStatus.MACHINE_LACKS

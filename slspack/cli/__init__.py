"""The command line: one module a command."""

from __future__ import annotations

from slspack.cli.main import run

__all__ = ["run"]

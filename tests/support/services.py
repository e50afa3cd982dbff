"""Writes services on disk and reads their configuration."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from slspack.config import LoadOptions, load_service
from slspack.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.model import Finding, Service


def write_files(root: Path, files: Mapping[str, str]) -> Path:
    """Write each text, dedented, below `root`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), "utf-8")
    return root


def load(root: Path, files: Mapping[str, str], options: LoadOptions | None = None) -> Service:
    """The service that the files declare."""
    return load_service(write_files(root, files), options or LoadOptions())


def config_findings(root: Path, files: Mapping[str, str], options: LoadOptions | None = None) -> tuple[Finding, ...]:
    """The findings of a configuration that must be wrong."""
    with pytest.raises(ConfigError) as caught:
        load(root, files, options)
    return caught.value.findings


def config_errors(root: Path, files: Mapping[str, str], options: LoadOptions | None = None) -> list[str]:
    """The same as lines: code, place and message."""
    return [f"{finding.code.id} {finding.at}: {finding.message}" for finding in config_findings(root, files, options)]

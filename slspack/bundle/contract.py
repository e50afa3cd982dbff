"""What the bytes of an artifact depend on beside its content: the version of the zip contract, and the compressor."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

FORMAT_VERSION = 1
"""Goes up with every change of the writer that changes the bytes of an artifact."""


@cache
def compressor_version() -> str:
    """The version of the library that deflates first-party files."""
    return version("deflate")

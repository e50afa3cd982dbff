"""Small real wheels and sdists: those that plugins are tested with, too, and what only slspack's own tests ask for."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from slspack.testing.wheels import Content, make_sdist, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Content", "large_files", "make_sdist", "make_wheel", "sha256_of"]


def large_files(name: str) -> dict[str, Content]:
    """A module, and more beside it than slspack fetches for the sake of a wheel's file list."""
    return {f"{name}/__init__.py": "", f"{name}/data.bin": hashlib.shake_256(name.encode()).digest(300 << 10)}


def sha256_of(path: Path) -> str:
    """The sha256 of a file, as hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()

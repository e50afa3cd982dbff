"""Writes a new package where nothing is yet."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_package(folder: Path, contents: Mapping[str, str]) -> None:
    """Make `folder` with these files, by POSIX path, all at once. Raises SLS0851 where something is in it already."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise ConfigError.of(
            Code.INIT_OCCUPIED,
            f"`{folder.name}` is there already",
            hint="choose another name, or another folder by `-C`; nothing was written",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        # A folder of `mkdtemp` is for its owner alone.
        beside = Path(scratch, folder.name)
        for name, text in contents.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        if folder.is_dir():
            folder.rmdir()
        beside.replace(folder)

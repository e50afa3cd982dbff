"""Takes away what builds leave in a service's folder."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from slspack.tree import OWN_FOLDER, TREES_FOLDER

if TYPE_CHECKING:
    from pathlib import Path


def remove_outputs(folder: Path) -> tuple[Path, ...]:
    """Remove artifacts, manifest and what builds have kept; what was there of them."""
    return _remove(folder / OWN_FOLDER, folder / TREES_FOLDER)


def forget_resolutions(folder: Path) -> tuple[Path, ...]:
    """Remove what builds have kept of requirements that are not pinned, so that the next one resolves them again."""
    own = folder / OWN_FOLDER
    # The memory of the last build has its locks, too.
    return _remove(own / "locks", *sorted(own.glob("state.db*")))


def _remove(*paths: Path) -> tuple[Path, ...]:
    removed = []
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.exists() or path.is_symlink():
            path.unlink()
        else:
            continue
        removed.append(path)
    return tuple(removed)

"""Renaming over a file and removing one, also where someone has it open."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# On Windows nobody can replace or remove a file that another process has open: a reader that is about to close it, or a
# virus scanner. Elsewhere a refusal is final.
PAUSES: Sequence[float] = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4) if os.name == "nt" else ()


def replace(source: Path, destination: Path, pauses: Sequence[float] = PAUSES) -> None:
    """Rename `source` over `destination`. Raises PermissionError if that is still in use after all pauses (seconds)."""
    for pause in pauses:
        try:
            source.replace(destination)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    source.replace(destination)


def remove(path: Path) -> bool:
    """Remove a file. False if someone has it open, on systems where that prevents it."""
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        return False
    return True

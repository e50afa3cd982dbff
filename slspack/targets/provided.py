"""The modules that every Python runtime of Lambda holds already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.model import dist_name
from slspack.targets.runtimes import provided_distributions

if TYPE_CHECKING:
    from slspack.model import DistName

# Where a module's name is not its distribution's.
_RENAMED = {"dateutil": dist_name("python-dateutil")}


def provided_by_runtime(module: str) -> DistName | None:
    """Which of the runtime's own distributions holds a module; None if none does."""
    top = module.partition(".")[0]
    name = _RENAMED.get(top) or dist_name(top)
    return name if name in provided_distributions() else None

"""The collector of cyclic garbage: at rest while what is made has no cycles or must not be disturbed."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALLOCATIONS = 100_000
"""How many objects may come to be, less those that went, before garbage is looked for among them (Python: 700)."""


def collect_seldom() -> None:
    """Have cycles looked for, for a process that runs long."""
    gc.set_threshold(_ALLOCATIONS)
    gc.enable()


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Have nobody look for cycles until the block ends, unless nobody did before."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

"""Requirement sources to a lock for each target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.resolve.context import ResolveContext
    from slspack.resolve.problem import Upgrade
    from slspack.resolve.pylock_writer import lock_path, write_pylock
    from slspack.resolve.resolving import resolve
    from slspack.resolve.sources import LockFileUse

__all__ = ["LockFileUse", "ResolveContext", "Upgrade", "lock_path", "resolve", "write_pylock"]

__getattr__ = exports(
    __name__,
    {
        "context": ("ResolveContext",),
        "problem": ("Upgrade",),
        "pylock_writer": (
            "lock_path",
            "write_pylock",
        ),
        "resolving": ("resolve",),
        "sources": ("LockFileUse",),
    },
)

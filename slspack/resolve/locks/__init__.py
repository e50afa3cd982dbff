"""Lock files of every tool, read without the tool, to what they pin for one target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.resolve.locks.formats import lock_format
    from slspack.resolve.locks.reading import ReadLock, read_lock

__all__ = ["ReadLock", "lock_format", "read_lock"]

__getattr__ = exports(__name__, {"formats": ("lock_format",), "reading": ("ReadLock", "read_lock")})

"""From saved files to artifacts, while somebody edits."""

from __future__ import annotations

from slspack.watching.rebuilder import Rebuilder, WatchedInputs

__all__ = ["Rebuilder", "WatchedInputs"]

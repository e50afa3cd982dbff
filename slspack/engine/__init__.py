"""The engine under `build` and `watch`: nothing is done twice, and what is kept is what a build from nothing gives."""

from __future__ import annotations

from slspack.engine.engine import Engine

__all__ = ["Engine"]

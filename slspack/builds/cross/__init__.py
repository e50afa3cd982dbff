"""Wheels cross-compiled on this machine: for people without Docker, and for the other architecture."""

from __future__ import annotations

from slspack.builds.cross.builder import CrossBuilder, open_cross_builder

__all__ = ["CrossBuilder", "open_cross_builder"]

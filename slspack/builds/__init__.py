"""Wheels built from source: in isolation, in a Lambda-compatible image, by cross-compiling or on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.builds.builder import Builder, BuildTask, BuiltWheel, RequirementWheels

__all__ = ["BuildTask", "Builder", "BuiltWheel", "RequirementWheels"]

__getattr__ = exports(__name__, {"builder": ("BuildTask", "Builder", "BuiltWheel", "RequirementWheels")})

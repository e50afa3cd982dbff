"""Wheels built from source: in isolation, in a Lambda-compatible image, by cross-compiling or on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.builds.builder import (
        Builder,
        BuildPlace,
        BuildTask,
        BuiltWheel,
        OfferedBuilder,
        RequirementWheels,
        StoppedError,
    )
    from slspack.builds.failure import build_failed
    from slspack.builds.processes import run_logged

__all__ = [
    "BuildPlace",
    "BuildTask",
    "Builder",
    "BuiltWheel",
    "OfferedBuilder",
    "RequirementWheels",
    "StoppedError",
    "build_failed",
    "run_logged",
]

__getattr__ = exports(
    __name__,
    {
        "builder": (
            "BuildPlace",
            "BuildTask",
            "Builder",
            "BuiltWheel",
            "OfferedBuilder",
            "RequirementWheels",
            "StoppedError",
        ),
        "failure": ("build_failed",),
        "processes": ("run_logged",),
    },
)

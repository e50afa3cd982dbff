"""Wheels: what is in them, which one fits, and how they get into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.wheels.facts import read_facts
    from slspack.wheels.layout import InstalledFile, installed_files
    from slspack.wheels.progress import FetchProgress, ProgressListener, Work
    from slspack.wheels.selection import explain_misfit, no_fitting_wheel, select_wheel
    from slspack.wheels.source import WheelSource

__all__ = [
    "FetchProgress",
    "InstalledFile",
    "ProgressListener",
    "WheelSource",
    "Work",
    "explain_misfit",
    "installed_files",
    "no_fitting_wheel",
    "read_facts",
    "select_wheel",
]

__getattr__ = exports(
    __name__,
    {
        "facts": ("read_facts",),
        "layout": (
            "InstalledFile",
            "installed_files",
        ),
        "progress": (
            "FetchProgress",
            "ProgressListener",
            "Work",
        ),
        "selection": (
            "explain_misfit",
            "no_fitting_wheel",
            "select_wheel",
        ),
        "source": ("WheelSource",),
    },
)

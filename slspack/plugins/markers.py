"""The markers of hooks and of their implementations."""

from __future__ import annotations

from pluggy import HookimplMarker, HookspecMarker

PROJECT = "slspack"

hookspec = HookspecMarker(PROJECT)
hookimpl = HookimplMarker(PROJECT)

"""What is wrong with an artifact before it is uploaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.check.limits import check_limits, check_plan, check_upload, is_measured_with
    from slspack.check.native import NativeArtifact, NativePart, check_native
    from slspack.check.nativefiles import NativeFiles

__all__ = [
    "NativeArtifact",
    "NativeFiles",
    "NativePart",
    "check_limits",
    "check_native",
    "check_plan",
    "check_upload",
    "is_measured_with",
]

__getattr__ = exports(
    __name__,
    {
        "limits": (
            "check_limits",
            "check_plan",
            "check_upload",
            "is_measured_with",
        ),
        "native": (
            "NativeArtifact",
            "NativePart",
            "check_native",
        ),
        "nativefiles": ("NativeFiles",),
    },
)

"""What is wrong with an artifact before it is uploaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.check.limits import check_limits, check_sizes, check_upload, unmeasured
    from slspack.check.native import NativeArtifact, NativePart, check_native
    from slspack.check.nativefiles import NativeFiles

__all__ = [
    "NativeArtifact",
    "NativeFiles",
    "NativePart",
    "check_limits",
    "check_native",
    "check_sizes",
    "check_upload",
    "unmeasured",
]

__getattr__ = exports(
    __name__,
    {
        "limits": (
            "check_limits",
            "check_sizes",
            "check_upload",
            "unmeasured",
        ),
        "native": (
            "NativeArtifact",
            "NativePart",
            "check_native",
        ),
        "nativefiles": ("NativeFiles",),
    },
)

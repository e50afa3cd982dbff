"""Plan -> artifact: which files, in which order, and their bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.bundle.collect import unused_patterns
    from slspack.bundle.directory import DirectoryUpdate, prepare_directory, write_directory
    from slspack.bundle.layers import LayerContent, plan_folder, plan_layer, split_packages
    from slspack.bundle.plan import plan_function, plan_service
    from slspack.bundle.renewal import with_contents
    from slspack.bundle.segments import Segment, find_segment, nested_segment, segment_for, segment_key
    from slspack.bundle.zipwriter import PackedFiles, write_zip

__all__ = [
    "DirectoryUpdate",
    "LayerContent",
    "PackedFiles",
    "Segment",
    "find_segment",
    "nested_segment",
    "plan_folder",
    "plan_function",
    "plan_layer",
    "plan_service",
    "prepare_directory",
    "segment_for",
    "segment_key",
    "split_packages",
    "unused_patterns",
    "with_contents",
    "write_directory",
    "write_zip",
]

__getattr__ = exports(
    __name__,
    {
        "collect": ("unused_patterns",),
        "directory": (
            "DirectoryUpdate",
            "prepare_directory",
            "write_directory",
        ),
        "layers": (
            "LayerContent",
            "plan_folder",
            "plan_layer",
            "split_packages",
        ),
        "plan": (
            "plan_function",
            "plan_service",
        ),
        "renewal": ("with_contents",),
        "segments": (
            "Segment",
            "find_segment",
            "nested_segment",
            "segment_for",
            "segment_key",
        ),
        "zipwriter": (
            "PackedFiles",
            "write_zip",
        ),
    },
)

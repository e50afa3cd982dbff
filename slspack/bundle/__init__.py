"""Plan -> artifact: which files, in which order, and their bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.bundle.collect import unused_patterns
    from slspack.bundle.directory import DirectoryUpdate, prepare_directory, write_directory
    from slspack.bundle.layers import LayerContent, files_of, plan_folder, plan_layer, split_packages
    from slspack.bundle.nested import nested_segment
    from slspack.bundle.plan import plan_function, plan_service, with_extra_files
    from slspack.bundle.plugged import Plugged
    from slspack.bundle.renewal import fingerprint, with_contents
    from slspack.bundle.rewriting import Rewriting, rewriting_of
    from slspack.bundle.segments import Segment, find_segment, segment_for, segment_key
    from slspack.bundle.transforms import NO_TRANSFORMS, SegmentFile, Transforms, WheelTransform
    from slspack.bundle.zipwriter import PackedFiles, write_zip

__all__ = [
    "NO_TRANSFORMS",
    "DirectoryUpdate",
    "LayerContent",
    "PackedFiles",
    "Plugged",
    "Rewriting",
    "Segment",
    "SegmentFile",
    "Transforms",
    "WheelTransform",
    "files_of",
    "find_segment",
    "fingerprint",
    "nested_segment",
    "plan_folder",
    "plan_function",
    "plan_layer",
    "plan_service",
    "prepare_directory",
    "rewriting_of",
    "segment_for",
    "segment_key",
    "split_packages",
    "unused_patterns",
    "with_contents",
    "with_extra_files",
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
            "files_of",
            "plan_folder",
            "plan_layer",
            "split_packages",
        ),
        "nested": ("nested_segment",),
        "plan": (
            "plan_function",
            "plan_service",
            "with_extra_files",
        ),
        "plugged": ("Plugged",),
        "renewal": ("fingerprint", "with_contents"),
        "rewriting": ("Rewriting", "rewriting_of"),
        "segments": (
            "Segment",
            "find_segment",
            "segment_for",
            "segment_key",
        ),
        "transforms": (
            "NO_TRANSFORMS",
            "SegmentFile",
            "Transforms",
            "WheelTransform",
        ),
        "zipwriter": (
            "PackedFiles",
            "write_zip",
        ),
    },
)

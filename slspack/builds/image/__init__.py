"""Wheels built in a Lambda-compatible image, over the API of any Docker daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.builds.image.builder import ImageBuilder, daemon_answers, open_image_builder
    from slspack.builds.image.images import find_context
    from slspack.builds.image.kept import context_key, extra_entries, still_kept
    from slspack.builds.image.python import ImagePython
    from slspack.builds.image.script import Ran, Script

__all__ = [
    "ImageBuilder",
    "ImagePython",
    "Ran",
    "Script",
    "context_key",
    "daemon_answers",
    "extra_entries",
    "find_context",
    "open_image_builder",
    "still_kept",
]

__getattr__ = exports(
    __name__,
    {
        "builder": (
            "ImageBuilder",
            "daemon_answers",
            "open_image_builder",
        ),
        "images": ("find_context",),
        "kept": (
            "context_key",
            "extra_entries",
            "still_kept",
        ),
        "python": ("ImagePython",),
        "script": ("Ran", "Script"),
    },
)

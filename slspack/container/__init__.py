"""Plan -> container image: the closure and the sources as layers on a base image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.container.image import ImageWriter
    from slspack.container.record import read_image

__all__ = ["ImageWriter", "read_image"]

__getattr__ = exports(__name__, {"image": ("ImageWriter",), "record": ("read_image",)})

"""Wheels built in a Lambda-compatible image, over the API of any Docker daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.builds.image.builder import ImageBuilder, daemon_answers, open_image_builder

__all__ = ["ImageBuilder", "daemon_answers", "open_image_builder"]

__getattr__ = exports(__name__, {"builder": ("ImageBuilder", "daemon_answers", "open_image_builder")})

"""The Docker daemon: the only package that knows the SDK. What the SDK raises comes out as MachineError."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.builds.image.daemon.connection import sdk_installed
    from slspack.builds.image.daemon.images import BaseFacts, ImageFacts, excluded_from
    from slspack.builds.image.daemon.opening import Daemon, answers, open_daemon
    from slspack.builds.image.daemon.replies import NotThereError

__all__ = [
    "BaseFacts",
    "Daemon",
    "ImageFacts",
    "NotThereError",
    "answers",
    "excluded_from",
    "open_daemon",
    "sdk_installed",
]

__getattr__ = exports(
    __name__,
    {
        "connection": ("sdk_installed",),
        "images": ("BaseFacts", "ImageFacts", "excluded_from"),
        "opening": ("Daemon", "answers", "open_daemon"),
        "replies": ("NotThereError",),
    },
)

"""slspack bundles Python Lambda functions: one small, byte-identical zip per function.

`build` and `watch` are what the commands of the same names do, for deploy scripts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.api import build, watch
    from slspack.errors import ConfigError, MachineError, SlspackError
    from slspack.report.manifest import Manifest
    from slspack.watching.events import Built, Failed, Started

__version__ = "0.1.0"

__all__ = [
    "Built",
    "ConfigError",
    "Failed",
    "MachineError",
    "Manifest",
    "SlspackError",
    "Started",
    "__version__",
    "build",
    "watch",
]

__getattr__ = exports(
    __name__,
    {
        "api": ("build", "watch"),
        "errors": ("ConfigError", "MachineError", "SlspackError"),
        "report.manifest": ("Manifest",),
        "watching.events": ("Built", "Failed", "Started"),
    },
)

"""Deploy-tool file -> Service."""

from __future__ import annotations

from slspack.config.load import load_service
from slspack.options import LoadOptions

__all__ = ["LoadOptions", "load_service"]

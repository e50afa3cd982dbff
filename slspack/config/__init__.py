"""Deploy-tool file -> Service."""

from __future__ import annotations

from slspack.config.load import TEMPLATES, load_service
from slspack.options import LoadOptions

__all__ = ["TEMPLATES", "LoadOptions", "load_service"]

"""Deploy-tool file -> Service."""

from __future__ import annotations

from slspack.config.load import TEMPLATES, ServiceReader, load_service
from slspack.options import LoadOptions

__all__ = ["TEMPLATES", "LoadOptions", "ServiceReader", "load_service"]

"""The Framework's variables: `${type(params):address, fallback}`."""

from __future__ import annotations

from slspack.config.variables.resolver import Resolver
from slspack.config.variables.sources import FrameworkSources

__all__ = ["FrameworkSources", "Resolver"]

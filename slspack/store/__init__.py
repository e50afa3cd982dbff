"""The store: content kept per user and shared by all services, safe for many processes at once."""

from __future__ import annotations

from slspack.store.kind import Kind
from slspack.store.limits import Limits
from slspack.store.opening import default_location, limits_of, open_store
from slspack.store.store import Store

__all__ = ["Kind", "Limits", "Store", "default_location", "limits_of", "open_store"]

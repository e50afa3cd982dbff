"""The store: content kept per user and shared by all services, safe for many processes at once."""

from __future__ import annotations

from slspack.store.store import Kind, Store, default_location

__all__ = ["Kind", "Store", "default_location"]

"""Wheels: what is in them, which one fits, and how they get into the store."""

from __future__ import annotations

from slspack.wheels.facts import read_facts
from slspack.wheels.layout import InstalledFile, installed_files

__all__ = ["InstalledFile", "installed_files", "read_facts"]

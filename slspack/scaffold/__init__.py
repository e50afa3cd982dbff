"""Beginnings: folders of files that somebody goes on from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.scaffold.packages import plugin_package
    from slspack.scaffold.writing import write_package

__all__ = ["plugin_package", "write_package"]

__getattr__ = exports(__name__, {"packages": ("plugin_package",), "writing": ("write_package",)})

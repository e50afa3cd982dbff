"""Plugins: the hooks that slspack calls, and whoever implements them.

A plugin needs three names of this package: `INTERFACE`, the version of the hooks that it is written for, the marker
`hookimpl`, and, for what its hooks are given and give, the types beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

INTERFACE = 1
"""The version of the hooks. A plugin states the one that it is written for as `slspack_interface`."""

if TYPE_CHECKING:
    from slspack.plugins.answers import CommandOption
    from slspack.plugins.builtin import ENTRY_HOOKS, static_host
    from slspack.plugins.files import OwnFiles, PluginFiles, PluginWheels
    from slspack.plugins.host import Host
    from slspack.plugins.installed import Census, InstalledPlugin, take_census
    from slspack.plugins.markers import hookimpl, hookspec
    from slspack.plugins.opening import open_host
    from slspack.plugins.requirements import with_requirement

__all__ = [
    "ENTRY_HOOKS",
    "INTERFACE",
    "Census",
    "CommandOption",
    "Host",
    "InstalledPlugin",
    "OwnFiles",
    "PluginFiles",
    "PluginWheels",
    "hookimpl",
    "hookspec",
    "open_host",
    "static_host",
    "take_census",
    "with_requirement",
]

__getattr__ = exports(
    __name__,
    {
        "answers": ("CommandOption",),
        "builtin": (
            "ENTRY_HOOKS",
            "static_host",
        ),
        "files": ("OwnFiles", "PluginFiles", "PluginWheels"),
        "host": ("Host",),
        "installed": ("Census", "InstalledPlugin", "take_census"),
        "markers": ("hookimpl", "hookspec"),
        "opening": ("open_host",),
        "requirements": ("with_requirement",),
    },
)

"""Reads the hooks of a service's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.config.nodes import Table
from slspack.config.places import Place
from slspack.config.settings import check_keys, setting
from slspack.model import Hook, HookSettings

if TYPE_CHECKING:
    from slspack.config.value import Value


def read_hooks(settings: Value | None) -> HookSettings:
    """What `hooks` says."""
    value = setting(settings, "hooks")
    if value is None:
        return HookSettings()
    if not isinstance(value.node, Table):
        value.wrong("a map")
        return HookSettings()
    check_keys(value, Place.HOOKS)
    return HookSettings(
        before_build=_hook(value, "before-build"),
        after_function=_hook(value, "after-function"),
        after_build=_hook(value, "after-build"),
    )


def _hook(value: Value, name: str) -> Hook | None:
    found = setting(value, name, Place.HOOKS)
    line = found.text() if found else None
    return Hook(line, found.at) if found and line else None

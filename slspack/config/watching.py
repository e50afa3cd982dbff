"""Reads how the service wants to be watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.config.nodes import Table
from slspack.config.places import Place
from slspack.config.settings import check_keys, setting
from slspack.model import WatchSettings

if TYPE_CHECKING:
    from slspack.config.value import Value


def read_watch(settings: Value | None) -> WatchSettings:
    """What `watch` says, and the defaults for what it does not."""
    value = setting(settings, "watch")
    if value is None:
        return WatchSettings()
    if not isinstance(value.node, Table):
        value.wrong("a map")
        return WatchSettings()
    check_keys(value, Place.WATCH)
    defaults = WatchSettings()
    return WatchSettings(
        patterns=_texts(value, "patterns"),
        ignore=_texts(value, "ignore"),
        debounce=_milliseconds(value, "debounce", defaults.debounce, 1),
        poll=_milliseconds(value, "poll", defaults.poll, 0),
    )


def _texts(value: Value, name: str) -> tuple[str, ...]:
    found = value.get(name)
    return found.texts() if found else ()


def _milliseconds(value: Value, name: str, default: int, least: int) -> int:
    found = value.get(name)
    number = found.whole(least) if found else None
    return default if number is None else number

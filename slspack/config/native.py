"""Reads what the check of native code is to pass over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.config.nodes import Table
from slspack.config.places import Place
from slspack.config.settings import check_keys, setting

if TYPE_CHECKING:
    from slspack.config.value import Value


def read_native_ignore(settings: Value | None, inherited: tuple[str, ...]) -> tuple[str, ...]:
    """`native.ignore`: distributions, libraries and files by name or glob, a function's on top of the service's."""
    value = setting(settings, "native")
    if value is None:
        return inherited
    if not isinstance(value.node, Table):
        value.wrong("a map")
        return inherited
    check_keys(value, Place.NATIVE)
    names = setting(value, "ignore", Place.NATIVE)
    return tuple(dict.fromkeys((*inherited, *(names.texts() if names else ()))))

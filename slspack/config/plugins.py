"""Reads which plugins a service wants, and with which options."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.nodes import Items, Leaf, Table
from slspack.config.settings import setting
from slspack.model import PluginUse

if TYPE_CHECKING:
    from slspack.config.value import Value
    from slspack.model import Location

_KEYS = ("use", "options")


def read_plugins(settings: Value | None) -> tuple[PluginUse, ...]:
    """What `plugins` lists. Its options are checked by the plugin, once it is loaded."""
    value = setting(settings, "plugins")
    if value is None:
        return ()
    found = (_use(element) for element in value.elements())
    return tuple(use for use in found if use is not None)


def _use(value: Value) -> PluginUse | None:
    if not isinstance(value.node, Table):
        text = value.text()
        return None if text is None else _named(text, value)
    for key, at in value.key_places():
        if key not in _KEYS:
            value.findings.error(Code.UNKNOWN_KEY, f"`{value.path}.{key}` is not a setting of a plugin", at)
    name = value.get("use")
    if name is None:
        value.error(Code.REQUIRED_MISSING, f"`{value.path}` names no plugin", "write `use: NAME`")
        return None
    text, options = name.text(), value.get("options")
    if text is None:
        return None
    places: dict[str, Location] = {}
    written = _plain(options, "", places) if options else {}
    if not isinstance(written, dict):
        value.error(Code.BAD_VALUE, f"`{value.path}.options` must be a map of the plugin's options")
        return None
    return PluginUse(text, options=json.dumps(written, sort_keys=True), places=tuple(places.items()), location=name.at)


def _named(text: str, value: Value) -> PluginUse | None:
    name = text.removeprefix("!")
    if not name:
        value.error(Code.BAD_VALUE, f"`{value.path}` names no plugin")
        return None
    return PluginUse(name, blocked=name != text, location=value.at)


def _plain(value: Value, path: str, places: dict[str, Location]) -> object:
    """A value as JSON has it; where each part of it stands goes into `places`, by its dotted path."""
    places[path] = value.at
    lead = f"{path}." if path else ""
    match value.node:
        case Table():
            found: dict[str, object] = {}
            for key, at in value.key_places():
                child = value.get(key)
                found[key] = None if child is None else _plain(child, f"{lead}{key}", places)
                places[f"{lead}{key}"] = at if child is None or not isinstance(child.node, Leaf) else child.at
            return found
        case Items():
            return [_plain(child, f"{lead}{index}", places) for index, child in enumerate(value.elements())]
        case Leaf(value=plain):
            return plain
    value.wrong("a plain value")
    return None

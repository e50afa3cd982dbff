"""The schema of slspack's settings, for the npm package: made from the table of settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from slspack.config.settings import SETTINGS, WATCH_SETTINGS, Place, Setting, spellings

if TYPE_CHECKING:
    from collections.abc import Mapping

_STRING: Mapping[str, object] = {"type": "string"}
_MAP: Mapping[str, object] = {"type": "object"}
_LIST: Mapping[str, object] = {"type": "array", "items": _STRING}
_KINDS: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("`true` or `false`", {"anyOf": [{"type": "boolean"}, _STRING]}),
    ("list", {"anyOf": [_LIST, _STRING]}),
    ("string or list", {"anyOf": [_STRING, _LIST]}),
    ("file or list", {"anyOf": [_STRING, _LIST]}),
    ("map", _MAP),
    ("milliseconds", {"type": "integer"}),
    ("size", {"anyOf": [_STRING, {"type": "integer"}]}),
)
"""By how `takes` begins; everything else is a string, or a map where that is said."""


def settings_schema() -> str:
    """`settings.json`, as JSON text with a final newline. Keys that it does not have are for slspack to complain of."""
    watch = _schema([each for each in WATCH_SETTINGS if Place.WATCH in each.places], {})
    service = _schema([each for each in SETTINGS if Place.CUSTOM in each.places], {"watch": watch})
    function = _schema([each for each in SETTINGS if Place.CUSTOM_FUNCTION in each.places], {})
    return json.dumps({"service": service, "function": function}, indent=2, ensure_ascii=False) + "\n"


def _schema(settings: list[Setting], known: Mapping[str, object]) -> dict[str, object]:
    properties = {
        name: known.get(each.name) or {"description": each.meaning, **_kind(each.takes)}
        for each in settings
        for name in spellings(each)
    }
    return {"type": "object", "properties": properties}


def _kind(takes: str) -> Mapping[str, object]:
    kind = next((kind for start, kind in _KINDS if takes.startswith(start)), _STRING)
    return {"anyOf": [_STRING, _MAP]} if kind is _STRING and takes.endswith("or a map") else kind

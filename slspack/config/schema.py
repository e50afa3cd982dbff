"""The JSON schema of slspack's settings, for editors, made from the table of settings.

python -m slspack.config.schema > docs/schema/slspack.schema.json
"""

from __future__ import annotations

import json
import re
import sys
from typing import TypeAlias

from slspack.config.places import Place, Setting
from slspack.config.settings import ALL_SETTINGS, spellings
from slspack.model import BuilderChoice
from slspack.targets import runtime_names

Schema: TypeAlias = "dict[str, Schema] | list[Schema] | str | bool | int"

_VARIABLE: Schema = {"type": "string", "pattern": r"\$\{"}
_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"anyOf": [_TEXT, {"type": "array", "items": {"type": "string"}}]}
_OBJECT: Schema = {"type": "object"}

_SECTIONS = {
    "hooks": Place.HOOKS,
    "watch": Place.WATCH,
    "docker": Place.DOCKER,
    "package": Place.PACKAGE,
    "native": Place.NATIVE,
}
"""Settings that are maps of settings of their own."""

_PLUGIN: Schema = {
    "anyOf": [
        _TEXT,
        {
            "type": "object",
            "properties": {"use": _TEXT, "options": _OBJECT},
            "required": ["use"],
            "additionalProperties": False,
        },
    ]
}

_KINDS: dict[str, Schema] = {
    "path": _TEXT,
    "absolute path": _TEXT,
    "string": _TEXT,
    "folder": _TEXT,
    "string or list": _TEXTS,
    "file or list of files": _TEXTS,
    "folder or list of folders": _TEXTS,
    "line of shell": _TEXT,
    "list": _TEXTS,
    "list of globs": _TEXTS,
    "list of folders": _TEXTS,
    "list of absolute paths": _TEXTS,
    "list of gitignore patterns": _TEXTS,
    "list of names, files, or maps with `use` and `options`": {"anyOf": [_PLUGIN, {"type": "array", "items": _PLUGIN}]},
    "map": _OBJECT,
    "map of distributions to builders": {
        "type": "object",
        "additionalProperties": {"enum": [choice.value for choice in BuilderChoice]},
    },
    "map of modules to distributions": {"type": "object", "additionalProperties": _TEXT},
    "map of distributions to lists of globs": {"type": "object", "additionalProperties": _TEXTS},
    "`true` or `false`": {"type": "boolean"},
    "address": _TEXT,
    "list of addresses": _TEXTS,
    "list of addresses or folders": _TEXTS,
    "map of distributions to addresses": {"type": "object", "additionalProperties": _TEXT},
    "day or moment": _TEXT,
    "`true`, `false` or a map": {"anyOf": [{"type": "boolean"}, {"$ref": "#/$defs/layer"}]},
    "map of layers": {"type": "object", "additionalProperties": {"$ref": "#/$defs/namedLayer"}},
    "megabytes": {"type": "integer", "minimum": 512},
    "milliseconds": {"type": "integer", "minimum": 0},
    "size such as `5GB`, or `none`": {"anyOf": [_TEXT, {"type": "integer", "minimum": 0}]},
}
"""What `takes` says of a setting, as a schema; a choice of words is read from its backticks."""


def schema() -> dict[str, Schema]:
    """The schema of a `slspack.yml`; `$defs` has those of `custom.slspack` and of a function's `slspack` too."""
    function: Schema = {"anyOf": [_TEXT, _reference("function")]}
    own = _object(Place.OWN, strict=True)
    own["properties"] = {**_properties(own), "functions": {"type": "object", "additionalProperties": function}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "slspack",
        "description": "Settings of slspack: the bundler for Python Lambda functions.",
        "$ref": "#/$defs/service",
        "$defs": {
            "service": {**own, "required": ["functions"]},
            "function": _object(Place.OWN_FUNCTION, strict=True),
            **{name: _object(place, strict=True) for name, place in _SECTIONS.items()},
            "layer": _object(Place.LAYER, strict=False),
            "namedLayer": _object(Place.LAYER | Place.NAMED_LAYER, strict=False),
            "custom": _object(Place.CUSTOM, strict=False),
            "customFunction": _object(Place.CUSTOM_FUNCTION, strict=False),
        },
    }


def _object(place: Place, *, strict: bool) -> dict[str, Schema]:
    """A map with the settings of a place. Where it is not strict, as in a serverless.yml, a value may be a variable."""
    settings = [each for each in ALL_SETTINGS if place & each.places]
    properties: dict[str, Schema] = {}
    for each in settings:
        described = _described(each)
        for spelling in spellings(each):
            properties[spelling] = described if strict else {"anyOf": [_VARIABLE, described]}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _properties(of: dict[str, Schema]) -> dict[str, Schema]:
    found = of["properties"]
    if not isinstance(found, dict):  # pragma: no cover - `_object` makes one
        raise TypeError("not an object's schema")
    return found


def _described(setting: Setting) -> Schema:
    return {"description": re.sub(r"\[([^]]*)]\([^)]*\)", r"\1", setting.meaning), **_kind(setting)}


def _kind(setting: Setting) -> dict[str, Schema]:
    if setting.name in _SECTIONS:
        return {"$ref": f"#/$defs/{setting.name}"}
    if setting.name == "runtime":
        return {"anyOf": [{"enum": list(runtime_names())}, _TEXT]}
    known = _KINDS.get(setting.takes)
    if isinstance(known, dict):
        return known
    words, comma, rest = setting.takes.partition(", or a map")
    choices: dict[str, Schema] = {"enum": _words(words, setting)}
    if not comma:
        return choices
    if rest:
        raise ValueError(f"the schema does not know what `{setting.name}` takes: {setting.takes}")
    return {"anyOf": [choices, {"type": "object", "additionalProperties": choices}]}


def _words(text: str, setting: Setting) -> list[Schema]:
    words: list[Schema] = list(re.findall(r"`([^`]+)`", text))
    if re.sub(r"`[^`]+`|, | or |, or ", "", text) or not words:
        raise ValueError(f"the schema does not know what `{setting.name}` takes: {setting.takes}")
    # YAML 1.1 reads the word `off` as a boolean, and so do editors.
    return [*words, False] if "off" in words else words


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())

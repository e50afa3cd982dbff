"""The schema of slspack's settings as the npm package gives it to the Framework."""

from __future__ import annotations

import json

from slspack.config.schema import Schema, schema


def settings_schema() -> str:
    """`settings.json`, as JSON text with a final newline. Keys that it does not have are for slspack to complain of."""
    definitions = schema()["$defs"]
    assert isinstance(definitions, dict)
    text = {place: _inlined(definitions[name], definitions) for place, name in _PLACES.items()}
    return json.dumps(text, indent=2, ensure_ascii=False) + "\n"


_PLACES = {"service": "custom", "function": "customFunction"}


def _inlined(part: Schema, definitions: dict[str, Schema]) -> Schema:
    """Without references, which would be looked for in the Framework's own schema."""
    if isinstance(part, list):
        return [_inlined(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    reference = part.get("$ref")
    if isinstance(reference, str):
        return _inlined(definitions[reference.rpartition("/")[2]], definitions)
    return {
        key: _inlined(value, definitions)
        for key, value in part.items()
        if not (key == "additionalProperties" and value is False)
    }

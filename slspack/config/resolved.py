"""A configuration that a deploy tool hands over as JSON, as nodes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from slspack.config.nodes import Items, Leaf, Table
from slspack.model import Location

if TYPE_CHECKING:
    from slspack.config.nodes import Node
    from slspack.options import HandedOver


def resolved_document(handed: HandedOver) -> Node:
    """Every value stands at the tool's file as a whole: where it came from there, nobody has kept."""
    return _node(json.loads(handed.text), Location(handed.file))


def _node(value: object, at: Location) -> Node:
    if isinstance(value, dict):
        entries = {str(key): _node(child, at) for key, child in value.items()}
        return Table(entries, dict.fromkeys(entries, at), at)
    if isinstance(value, list):
        return Items(tuple(_node(child, at) for child in value), at)
    if value is None or isinstance(value, str | int | float):
        return Leaf(value, at)
    raise TypeError(f"not JSON: {type(value).__name__}")

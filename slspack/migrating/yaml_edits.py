"""The smallest edits of a YAML text that take entries out or exchange single values: all else stays byte by byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import yaml
from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from slspack.config.documents.yaml_text import PureLoader

if TYPE_CHECKING:
    from collections.abc import Iterable

Collection: TypeAlias = "MappingNode | SequenceNode"


class EntangledError(Exception):
    """What is to be taken out does not stand by itself."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """The characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str = ""


def composed(text: str) -> MappingNode | None:
    """The map that a document is, with the places of all that is in it; None if it is no map."""
    root = yaml.compose(text, Loader=PureLoader)
    return root if isinstance(root, MappingNode) else None


def entry(table: yaml.Node | None, key: str) -> yaml.Node | None:
    """What a map itself has under `key`: nothing that is merged into it."""
    pairs = table.value if isinstance(table, MappingNode) else ()
    return next((value for name, value in pairs if isinstance(name, ScalarNode) and name.value == key), None)


def keys(table: MappingNode) -> list[str]:
    """A map's own keys, `<<` among them."""
    return [str(name.value) for name, _ in table.value]


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits, which do not overlap."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def exchanged(text: str, scalar: ScalarNode, word: str) -> Edit:
    """The edit that makes a one-line scalar `word`, in the quotes that it has."""
    start, end = scalar.start_mark.index, scalar.end_mark.index
    return Edit(start, end, text[start:end].replace(scalar.value, word))


def taken_out(text: str, collection: Collection, places: set[int]) -> list[Edit]:
    """The edits that take these entries, but not all, out of a map or a list. Raises EntangledError."""
    spans = [_span(text, item) for item in collection.value]
    if collection.flow_style:
        return _from_flow(spans, places)
    return [_lines(text, *spans[place]) for place in sorted(places)]


def _from_flow(spans: list[tuple[int, int]], places: set[int]) -> list[Edit]:
    last = max(place for place in range(len(spans)) if place not in places)
    edits = [Edit(spans[place][0], spans[place + 1][0]) for place in sorted(places) if place < last]
    return edits if last == len(spans) - 1 else [*edits, Edit(spans[last][1], spans[-1][1])]


def _lines(text: str, start: int, end: int) -> Edit:
    """The whole lines of an entry of a block, a comment behind it included."""
    first = text.rfind("\n", 0, start) + 1
    if text[first:start].strip(" -"):
        raise EntangledError
    after = text.find("\n", end)
    rest = text[end : len(text) if after < 0 else after].strip()
    if rest and not rest.startswith("#"):
        raise EntangledError
    return Edit(first, len(text) if after < 0 else after + 1)


def _span(text: str, item: object) -> tuple[int, int]:
    if isinstance(item, tuple):
        key, value = item
        return key.start_mark.index, _end(text, value, key.end_mark.index)
    if isinstance(item, ScalarNode):
        return item.start_mark.index, _end(text, item, 0)
    raise EntangledError


def _end(text: str, node: yaml.Node, after: int) -> int:
    """Where a node ends. That of a block is told by what is in it: the parser's mark lies behind comments."""
    if node.start_mark.index < after:  # an alias: the node stands where its anchor does
        raise EntangledError
    if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        return max(_span_end(text, item, node.start_mark.index) for item in node.value)
    start, end = node.start_mark.index, node.end_mark.index
    return start + len(text[start:end].rstrip()) if end > start else max(start, after)


def _span_end(text: str, item: object, after: int) -> int:
    return (
        _span(text, item)[1]
        if isinstance(item, tuple)
        else _end(text, item, after)
        if isinstance(item, yaml.Node)
        else after
    )

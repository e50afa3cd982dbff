"""YAML, read as the Framework's parser does (YAML 1.2 scalars, merge keys), with CloudFormation's short tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import yaml
from yaml.nodes import MappingNode, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from slspack.config.documents.syntax import DocumentError
from slspack.config.nodes import Items, Leaf, Node, Scalar, Table, Tagged
from slspack.model import Location

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN = "plain"
_CORE = "tag:yaml.org,2002:"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NUMBER = re.compile(
    r"(?P<int>[-+]?[0-9]+)"
    r"|(?P<radix>[-+]?0(?:o[0-7]+|x[0-9a-fA-F]+|b[01]+))"
    r"|(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<infinite>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
_TEXT_TAGS = frozenset(_CORE + kind for kind in ("str", "timestamp", "binary"))
_PLAIN_TAGS = frozenset(_CORE + kind for kind in ("int", "float", "bool", "null"))
_COLLECTION_TAGS = frozenset(_CORE + kind for kind in ("map", "seq", "omap", "set", "pairs"))


class PureLoader(yaml.BaseLoader):
    """The loader in Python. Of an untagged scalar it says only whether it is plain."""

    def resolve(self, kind: type[yaml.Node], value: object, implicit: object) -> str:
        return _tag_of(kind, implicit)


def _tag_of(kind: type[yaml.Node], implicit: object) -> str:
    if kind is not ScalarNode:
        return _CORE + ("map" if kind is MappingNode else "seq")
    return _PLAIN if isinstance(implicit, tuple) and implicit[0] else _CORE + "str"


Loader: TypeAlias = "type[yaml.BaseLoader | yaml.CBaseLoader]"


def _fastest_loader() -> Loader:
    """The loader on libyaml, several times faster, where PyYAML has it: both compose the same nodes."""
    if not yaml.__with_libyaml__:
        return PureLoader

    class CLoader(yaml.CBaseLoader):
        def resolve(self, kind: type[yaml.Node], value: object, implicit: object) -> str:
            return _tag_of(kind, implicit)

    return CLoader


FASTEST: Loader = _fastest_loader()


def read_yaml(text: str, name: str, loader: Loader = FASTEST) -> Node:
    """The document in `text`; an empty one is null. Raises DocumentError."""
    try:
        # Safe with either loader: composing makes nodes, and never an object of a tag's choosing.
        root = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Location(name, mark.line + 1, mark.column + 1) if mark else Location(name)
        raise DocumentError(f"not valid YAML: {error.problem or error.context}", at) from None
    except ReaderError as error:
        raise DocumentError(f"not valid YAML: {error.reason}", Location(name)) from None
    if root is None:
        return Leaf(None, Location(name, 1, 1))
    return _Walk(name).node(root)


class _Walk:
    """Turns composed nodes into ours, each once: an alias is the node that its anchor names."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._done: dict[int, Node | None] = {}

    def node(self, source: yaml.Node) -> Node:
        key = id(source)
        if key in self._done:
            done = self._done[key]
            if done is None:
                raise DocumentError("not valid YAML: an anchor contains its own alias", self._at(source))
            return done
        self._done[key] = None
        made = self._make(source)
        self._done[key] = made
        return made

    def _make(self, source: yaml.Node) -> Node:
        at = self._at(source)
        tag = source.tag
        if tag.startswith("!"):
            return Tagged(tag, self._untagged(source, at, quoted=_is_quoted(source)), at)
        if tag != _PLAIN and tag not in _TEXT_TAGS | _PLAIN_TAGS | _COLLECTION_TAGS:
            raise DocumentError(f"not valid YAML: unknown tag `!!{tag.removeprefix(_CORE)}`", at)
        return self._untagged(source, at, quoted=tag in _TEXT_TAGS)

    def _untagged(self, source: yaml.Node, at: Location, *, quoted: bool) -> Node:
        if isinstance(source, MappingNode):
            return self._table(source, at)
        if isinstance(source, SequenceNode):
            return Items(tuple(self.node(item) for item in source.value), at)
        text = str(source.value)
        return Leaf(text if quoted else plain_scalar(text), at)

    def _table(self, source: MappingNode, at: Location) -> Table:
        entries: dict[str, Node] = {}
        keys: dict[str, Location] = {}
        own: set[str] = set()
        for key, value in source.value:
            if key.tag == _PLAIN and key.value == "<<":
                self._merge(value, entries, keys)
                continue
            if not isinstance(key, ScalarNode):
                raise DocumentError("not valid YAML: a map's key must be a single value", self._at(key))
            if key.value in own:
                raise DocumentError(f"not valid YAML: duplicated key `{key.value}`", self._at(key))
            own.add(key.value)
            entries[key.value] = self.node(value)
            keys[key.value] = self._at(key)
        return Table(entries, keys, at)

    def _merge(self, value: yaml.Node, entries: dict[str, Node], keys: dict[str, Location]) -> None:
        """The merge key: what stands in the map itself, or in an earlier merged one, is kept."""
        sources: Iterable[yaml.Node] = value.value if isinstance(value, SequenceNode) else (value,)
        for source in sources:
            table = self.node(source)
            if not isinstance(table, Table):
                raise DocumentError("not valid YAML: `<<` takes a map or a list of maps", self._at(source))
            for key, entry in table.entries.items():
                if key not in entries:
                    entries[key] = entry
                    keys[key] = table.keys[key]

    def _at(self, source: yaml.Node) -> Location:
        mark = source.start_mark
        return Location(self._name, mark.line + 1, mark.column + 1)


def _is_quoted(source: yaml.Node) -> bool:
    return isinstance(source, ScalarNode) and source.style not in (None, "")


def plain_scalar(text: str) -> Scalar:
    """What an unquoted scalar means by YAML 1.2's core schema: `yes` and `on` are strings, `~` is null."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    if match["int"]:
        return int(text)
    if match["radix"]:
        return int(text, 0)
    return float(text.replace(".", "", 1) if match["infinite"] else text)

"""A value of the configuration as a reader sees it: where it is, what it is called, and what it must be."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from slspack.codes import Code
from slspack.config.findings import Findings, nearest
from slspack.config.nodes import Items, Leaf, Node, Table, Unresolved, kind_of
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slspack.model import Location

_Choice = TypeVar("_Choice", bound=Enum)
_BOOLEANS = {"true": True, "false": False}


def as_is(node: Node) -> Node:
    """How values are resolved where there are no variables."""
    return node


@dataclass(frozen=True, slots=True)
class Value:
    """A resolved value and its dotted path. Reading it as the wrong kind makes a finding and gives None."""

    node: Node
    path: str
    findings: Findings
    resolve: Callable[[Node], Node]

    @property
    def at(self) -> Location:
        """Where it stands."""
        return self.node.at

    def get(self, key: str) -> Value | None:
        """What stands under `key`; None if nothing or null does, or if this is no map (which is then an error)."""
        table = self._table()
        return self._child(key, table.entries[key]) if table and key in table.entries else None

    def peek(self, *keys: str) -> Value | None:
        """Like `get`, down a path, where being no map is not slspack's concern."""
        value: Value | None = self
        for key in keys:
            if value is None or not isinstance(value.node, Table):
                return None
            value = value.get(key)
        return value

    def pairs(self) -> Iterator[tuple[str, Location, Value]]:
        """The entries of a map that are not null, each with its key's place."""
        table = self._table()
        for key, node in table.entries.items() if table else ():
            child = self._child(key, node)
            if table and child is not None:
                yield key, table.keys[key], child

    def key_places(self) -> Iterator[tuple[str, Location]]:
        """The keys of a map, null or not."""
        table = self._table()
        if table:
            yield from table.keys.items()

    def elements(self) -> Iterator[Value]:
        """The elements of a list, or the value itself where it is not a list."""
        if not isinstance(self.node, Items):
            yield self
            return
        for index, node in enumerate(self.node.items):
            child = self._child(str(index), node)
            if child is not None:
                yield child

    def text(self) -> str | None:
        """A string."""
        if isinstance(self.node, Leaf) and isinstance(self.node.value, str):
            return self.node.value
        self.wrong("a string")
        return None

    def texts(self) -> tuple[str, ...]:
        """A string, or a list of strings."""
        found = (element.text() for element in self.elements())
        return tuple(text for text in found if text is not None)

    def whole(self, least: int) -> int | None:
        """A whole number that is not below `least`."""
        number = self.node.value if isinstance(self.node, Leaf) else None
        if isinstance(number, int) and not isinstance(number, bool) and number >= least:
            return number
        self.wrong(f"a whole number of at least {least}")
        return None

    def flag(self) -> bool | None:
        """`true` or `false`; a string that says so counts, as it does for the Framework."""
        if isinstance(self.node, Leaf):
            if isinstance(self.node.value, bool):
                return self.node.value
            if isinstance(self.node.value, str) and self.node.value.lower() in _BOOLEANS:
                return _BOOLEANS[self.node.value.lower()]
        self.wrong("`true` or `false`")
        return None

    def choice(self, kind: type[_Choice]) -> _Choice | None:
        """One of an enumeration's words."""
        words = [str(member.value) for member in kind]
        expected = ", ".join(f"`{word}`" for word in words[:-1]) + f" or `{words[-1]}`"
        text = self.node.value if isinstance(self.node, Leaf) else None
        if not isinstance(text, str):
            self.wrong(expected)
            return None
        if text not in words:
            self.error(Code.BAD_VALUE, f"`{self.path}` must be {expected}, not `{text}`", nearest(text, words))
            return None
        return kind(text)

    def wrong(self, expected: str) -> None:
        """Note that this value is not what it must be, or has no value at all."""
        if isinstance(self.node, Unresolved):
            node = self.node
            self.findings.error(node.code, f"`{self.path}` depends on `{node.text}`, {node.why}", node.at, node.hint)
            return
        found = kind_of(self.node)
        if isinstance(self.node, Leaf) and isinstance(self.node.value, bool | int | float):
            found = f"{found}, `{str(self.node.value).lower()}`"
        self.error(Code.BAD_VALUE, f"`{self.path}` must be {expected}, and is {found}")

    def error(self, code: Code, message: str, hint: str | None = None) -> None:
        """Note an error at this value."""
        self.findings.error(code, message, self.at, hint)

    def _table(self) -> Table | None:
        if isinstance(self.node, Table):
            return self.node
        self.wrong("a map")
        return None

    def _child(self, key: str, node: Node) -> Value | None:
        resolved = self.resolve(node)
        if isinstance(resolved, Leaf) and resolved.value is None:
            return None
        return Value(resolved, f"{self.path}.{key}" if self.path else key, self.findings, self.resolve)

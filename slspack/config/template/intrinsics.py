"""CloudFormation's intrinsic functions, evaluated when a value is asked for, as far as that can be before a deployment.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from slspack.codes import Code
from slspack.config.nodes import Items, Leaf, Node, Table, Tagged, Unresolved, kind_of
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slspack.model import Location

_Function: TypeAlias = "Callable[[Node, Location], Node]"

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")
_DEPLOYED = "which only a deployment gives a value"
_WRITE_OUT = "write the value itself, or use a parameter and give it with `--param`"
_TRUTHS = {"true": True, "false": False}


class _UnknownError(Exception):
    """A value that is not known, on its way to whoever asked for it."""

    def __init__(self, node: Unresolved) -> None:
        self.node = node
        super().__init__(node.text)


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names in a template stand for. `values` are parameters and pseudo parameters by name."""

    values: Mapping[str, Node]
    mappings: Node | None
    conditions: Mapping[str, Node]
    resources: Mapping[str, str]
    """What slspack calls each of the template's resources, by its logical name."""


class Intrinsics:
    """Resolves nodes one level at a time, as they are looked at."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._known: dict[int, tuple[Node, Node]] = {}
        self._judging: list[str] = []
        self._functions: Mapping[str, _Function] = {
            "Ref": self._ref,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::FindInMap": self._find_in_map,
            "Fn::If": self._if,
            "Fn::Equals": self._judged,
            "Fn::And": self._judged,
            "Fn::Or": self._judged,
            "Fn::Not": self._judged,
        }

    def resolve(self, node: Node) -> Node:
        """The value of `node`: itself, unless it is the call of a function."""
        call = call_of(node)
        if call is None:
            return node
        known = self._known.get(id(node))
        if known is None:
            try:
                value = self._call(*call, node)
            except _UnknownError as unknown:
                value = unknown.node
            known = self._known[id(node)] = (node, value)  # the node is kept, so that its id stays its own
        return known[1]

    def _call(self, name: str, argument: Node, node: Node) -> Node:
        function = self._functions.get(name)
        if function is None:
            raise _UnknownError(_unknown(f"!{name.removeprefix('Fn::')}", _DEPLOYED, node.at))
        if function == self._judged:
            return Leaf(self._truth(node), node.at)
        return self.resolve(function(argument, node.at))

    def _judged(self, argument: Node, at: Location) -> Node:
        raise AssertionError(argument, at)  # pragma: no cover - `_call` asks `_truth`, which needs the whole node

    def _ref(self, argument: Node, at: Location) -> Node:
        return self._named(self._text(argument), at, "!Ref ")

    def _named(self, name: str, at: Location, before: str = "") -> Node:
        value = self._scope.values.get(name)
        if value is not None:
            return self._needed(value) if isinstance(value, Unresolved) else value
        if name in self._scope.resources or "." in name or name.startswith("AWS::"):
            unknown = _unknown(f"{before}{name}", _DEPLOYED, at)
            raise _UnknownError(replace(unknown, resource=self._scope.resources.get(name)))
        why = "but the template has no parameter or resource of that name"
        raise _UnknownError(_unknown(f"{before}{name}", why, at, Code.BAD_VALUE))

    def _sub(self, argument: Node, at: Location) -> Node:
        own: Mapping[str, Node] = {}
        if isinstance(argument, Items):
            if len(argument.items) != 2 or not isinstance(argument.items[1], Table):
                raise _malformed("Fn::Sub", "a string, or a string and a map", at)
            own = argument.items[1].entries
            argument = argument.items[0]

        def value(match: re.Match[str]) -> str:
            if match[1]:
                return f"${{{match[2]}}}"
            name = match[2].strip()
            node = own[name] if name in own else self._named(name, at)
            return self._text(node)

        return Leaf(_PLACEHOLDER.sub(value, self._text(argument)), at)

    def _join(self, argument: Node, at: Location) -> Node:
        between, parts = self._arguments("Fn::Join", argument, 2)
        return Leaf(self._text(between).join(self._texts("Fn::Join", parts)), at)

    def _split(self, argument: Node, at: Location) -> Node:
        between, text = self._arguments("Fn::Split", argument, 2)
        return Items(tuple(Leaf(part, at) for part in self._text(text).split(self._text(between))), at)

    def _select(self, argument: Node, at: Location) -> Node:
        index, values = self._arguments("Fn::Select", argument, 2)
        found = self._needed(self.resolve(values))
        number = self._text(index)
        if isinstance(found, Items) and number.isdecimal() and int(number) < len(found.items):
            return found.items[int(number)]
        raise _malformed("Fn::Select", "an index and a list that has it", at)

    def _find_in_map(self, argument: Node, at: Location) -> Node:
        keys = self._items("Fn::FindInMap", argument)
        words = [self._text(key) for key in keys[:3]]
        node = self._scope.mappings
        for word in words:
            node = node.entries.get(word) if isinstance(node, Table) else None
        if node is None and len(keys) == 4:
            default = self._needed(self.resolve(keys[3]))
            node = default.entries.get("DefaultValue") if isinstance(default, Table) else None
        if len(keys) not in (3, 4) or node is None:
            text = f"!FindInMap [{', '.join(words)}]"
            raise _UnknownError(_unknown(text, "but `Mappings` does not have it", at, Code.BAD_VALUE))
        return node

    def _if(self, argument: Node, at: Location) -> Node:
        name, then, otherwise = self._arguments("Fn::If", argument, 3)
        return then if self._condition(self._text(name), at) else otherwise

    def _condition(self, name: str, at: Location) -> bool:
        node = self._scope.conditions.get(name)
        if node is None:
            why = "but `Conditions` does not have it"
            raise _UnknownError(_unknown(f"the condition {name}", why, at, Code.BAD_VALUE))
        if name in self._judging:
            steps = " → ".join(f"`{step}`" for step in (*self._judging, name))
            why = f"which leads back to itself: {steps}"
            raise _UnknownError(_unknown(f"the condition {name}", why, node.at, Code.VARIABLE_CYCLE))
        self._judging.append(name)
        try:
            return self._truth(node)
        finally:
            self._judging.pop()

    def _truth(self, node: Node) -> bool:
        """What a condition says: the functions that are allowed in one, and nothing else."""
        name, argument = call_of(node) or _condition_call(node) or ("", node)
        match name:
            case "Condition":
                return self._condition(self._text(argument), node.at)
            case "Fn::Equals":
                one, other = self._arguments(name, argument, 2)
                return self._text(one) == self._text(other)
            case "Fn::Not":
                (one,) = self._arguments(name, argument, 1)
                return not self._truth(one)
            case "Fn::And":
                return all(self._truth(each) for each in self._items(name, argument))
            case "Fn::Or":
                return any(self._truth(each) for each in self._items(name, argument))
        value = self._needed(self.resolve(node))
        text = str(value.value).lower() if isinstance(value, Leaf) else ""
        if text not in _TRUTHS:
            raise _malformed("a condition", "`!Equals`, `!And`, `!Or`, `!Not` or `!Condition`", node.at)
        return _TRUTHS[text]

    def _text(self, node: Node) -> str:
        value = self._needed(self.resolve(node))
        if not isinstance(value, Leaf) or value.value is None:
            why = f"which is {kind_of(value)} where a string is needed"
            raise _UnknownError(_unknown(_shown(node), why, node.at, Code.BAD_VALUE))
        return text_of(value)

    def _texts(self, function: str, node: Node) -> list[str]:
        value = self._needed(self.resolve(node))
        if not isinstance(value, Items):
            raise _malformed(function, "a list", node.at)
        return [self._text(item) for item in value.items]

    def _arguments(self, function: str, node: Node, count: int) -> tuple[Node, ...]:
        items = self._items(function, node)
        if len(items) != count:
            raise _malformed(function, "one argument" if count == 1 else f"{count} arguments", node.at)
        return items

    def _items(self, function: str, node: Node) -> tuple[Node, ...]:
        if not isinstance(node, Items):
            raise _malformed(function, "a list", node.at)
        return node.items

    @staticmethod
    def _needed(node: Node) -> Node:
        if isinstance(node, Unresolved):
            raise _UnknownError(node)
        return node


def call_of(node: Node) -> tuple[str, Node] | None:
    """The function that a node calls, by its long name, and its argument: `!Sub x`, or a map with one such key."""
    if isinstance(node, Tagged):
        name = node.tag.removeprefix("!")
        return (name if name in ("Ref", "Condition") else f"Fn::{name}"), node.inner
    if isinstance(node, Table) and len(node.entries) == 1:
        ((name, argument),) = node.entries.items()
        if name == "Ref" or name.startswith("Fn::"):
            return name, argument
    return None


def text_of(leaf: Leaf) -> str:
    """A scalar as CloudFormation compares it: as a string, booleans in lower case."""
    return str(leaf.value).lower() if isinstance(leaf.value, bool) else str(leaf.value)


def _condition_call(node: Node) -> tuple[str, Node] | None:
    """`{Condition: Name}`, which means a call only inside a condition."""
    if isinstance(node, Table) and node.entries.keys() == {"Condition"}:
        return "Condition", node.entries["Condition"]
    return None


def _shown(node: Node) -> str:
    call = call_of(node)
    return f"!{call[0].removeprefix('Fn::')}" if call else str(node.value) if isinstance(node, Leaf) else "a value"


def _unknown(text: str, why: str, at: Location, code: Code = Code.VARIABLE_UNRESOLVED) -> Unresolved:
    return Unresolved(text, why, code, at, _WRITE_OUT if code is Code.VARIABLE_UNRESOLVED else None)


def _malformed(function: str, takes: str, at: Location) -> _UnknownError:
    return _UnknownError(_unknown(function, f"which takes {takes}", at, Code.BAD_VALUE))

"""The values of a configuration, each with the place where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.codes import Code
    from slspack.model import Location

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A string, number, boolean or null."""

    value: Scalar
    at: Location


@dataclass(frozen=True, slots=True)
class Table:
    """A map. `keys` says where each key stands, `at` where the map begins."""

    entries: Mapping[str, Node]
    keys: Mapping[str, Location]
    at: Location


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    at: Location


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value under one of CloudFormation's short tags (`!Ref`, `!Sub`), which only a deployment gives a value."""

    tag: str
    inner: Node
    at: Location


@dataclass(frozen=True, slots=True)
class Unresolved:
    """What a variable became that has no value here. It is an error only where slspack needs the value.

    `text` is the variable as written and `why` completes the sentence "`handler` depends on `${…}`, …".
    """

    text: str
    why: str
    code: Code
    at: Location
    hint: str | None = None
    resource: str | None = None
    """What slspack calls the resource of the template that it is a `Ref` to."""


Node: TypeAlias = Leaf | Table | Items | Tagged | Unresolved


def kind_of(node: Node) -> str:
    """What a person calls a value of this kind, article included."""
    match node:
        case Table():
            return "a map"
        case Items():
            return "a list"
        case Tagged():
            return f"CloudFormation's `{node.tag}`"
        case Unresolved():
            return "an unresolved variable"
        case Leaf(value=None):
            return "empty"
        case Leaf(value=bool()):
            return "a boolean"
        case Leaf(value=int() | float()):
            return "a number"
        case Leaf():
            return "a string"

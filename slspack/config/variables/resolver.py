"""Resolving: a string with variables becomes the value they stand for, when it is asked for and not before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from slspack.codes import Code
from slspack.config.nodes import Items, Leaf, Node, Scalar, Table, Unresolved, kind_of
from slspack.config.variables.grammar import Call, GrammarError, Literal, Reference, Template, parse
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.model import Location

_DEEPEST = 60
"""How many variables may lead from one to the next: more are a circle whose values change at each turn."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A source that truly has no value, so that a fallback counts. `why` ends the sentence "depends on `${…}`, …"."""

    why: str
    code: Code = Code.VARIABLE_UNRESOLVED
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A call whose parameters and address are known."""

    type: str
    params: tuple[Scalar, ...]
    address: str | None
    text: str
    """The variable as written, for messages."""
    at: Location


Answer: TypeAlias = Node | Missing
Resolve: TypeAlias = Callable[[Node], Node]
Source: TypeAlias = Callable[[Question, Resolve], Answer]


class Resolver:
    """Resolves nodes one level at a time: what stands inside a map or list is resolved when it is looked at."""

    def __init__(self, sources: Mapping[str, Source], other: Source) -> None:
        self._sources = sources
        self._other = other
        self._known: dict[int, tuple[Node, Node]] = {}
        self._active: dict[int, Leaf] = {}

    def resolve(self, node: Node) -> Node:
        """The value of `node`: itself, unless it is a string with variables in it."""
        if not isinstance(node, Leaf) or not isinstance(node.value, str) or "${" not in node.value:
            return node
        known = self._known.get(id(node))
        if known is not None:
            return known[1]
        if id(node) in self._active or len(self._active) >= _DEEPEST:
            return self._circle(node)
        self._active[id(node)] = node
        try:
            value = self._evaluate(node.value, node.at)
        finally:
            del self._active[id(node)]
        self._known[id(node)] = (node, value)  # the node is kept, so that its id stays its own
        return value

    def _evaluate(self, text: str, at: Location) -> Node:
        try:
            template = parse(text)
        except GrammarError as error:
            return Unresolved(text, f"which cannot be parsed: {error}", Code.VARIABLE_SYNTAX, at)
        return self._template(template, at)

    def _circle(self, node: Leaf) -> Unresolved:
        chain = list(self._active.values())
        ids = list(self._active)
        chain = chain[ids.index(id(node)) :] if id(node) in self._active else chain[-3:]
        steps = " → ".join(f"`{step.value}`" for step in (*chain, node))
        places = ", ".join(dict.fromkeys(str(step.at) for step in chain))
        why = f"which leads back to itself: {steps}"
        first = chain[0] if chain else node
        hint = f"give one of them a value that does not depend on the others ({places})"
        return Unresolved(str(first.value), why, Code.VARIABLE_CYCLE, first.at, hint)

    def _template(self, template: Template, at: Location) -> Node:
        match template:
            case (Reference() as reference,):
                return self._reference(reference, at)
            case (Literal(value),):
                return self.resolve(Leaf(value, at))
        text = ""
        for part in template:
            if isinstance(part, str):
                text += part
                continue
            node = self._reference(part, at) if isinstance(part, Reference) else Leaf(part.value, at)
            if isinstance(node, Unresolved):
                return node
            if not isinstance(node, Leaf) or node.value is None:
                written = part.text if isinstance(part, Reference) else str(part.value)
                return Unresolved(written, f"which is {kind_of(node)} inside a string", Code.BAD_VALUE, at)
            text += text_of(node.value)
        return Leaf(text, at)

    def _reference(self, reference: Reference, at: Location) -> Node:
        missing = Missing("which has no value")
        for source in reference.sources:
            if isinstance(source, Literal):
                return self.resolve(Leaf(source.value, at))
            if isinstance(source, Reference):
                return self._reference(source, at)
            answer = self._call(source, reference.text, at)
            if isinstance(answer, Missing):
                missing = answer
                continue
            node = self.resolve(answer)
            if not isinstance(node, Leaf) or node.value is not None:
                return node
        return Unresolved(reference.text, missing.why, missing.code, at, missing.hint)

    def _call(self, call: Call, text: str, at: Location) -> Answer:
        params: list[Scalar] = []
        for param in call.params:
            node = self._template(param, at)
            if not isinstance(node, Leaf):
                return self._unfit(node, text, at)
            params.append(node.value)
        address: str | None = None
        if call.address is not None:
            node = self._template(call.address, at)
            if not isinstance(node, Leaf):
                return self._unfit(node, text, at)
            address = text_of(node.value)
        source = self._sources.get(call.type, self._other)
        return source(Question(call.type, tuple(params), address, text, at), self.resolve)

    @staticmethod
    def _unfit(node: Node, text: str, at: Location) -> Unresolved:
        if isinstance(node, Unresolved):
            return node
        return Unresolved(text, f"whose parameter or address is {kind_of(node)}", Code.BAD_VALUE, at)


def text_of(value: Scalar) -> str:
    """A scalar inside a string, as JavaScript writes it: `true`, `null`, `1` for 1.0."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


def descend(node: Node, address: str, resolve: Resolve) -> Node | None:
    """The value at a dotted address below `node`; None where there is none."""
    for key in address.split("."):
        node = resolve(node)
        match node:
            case Table(entries):
                child = entries.get(key)
            case Items(items):
                child = items[int(key)] if key.isdecimal() and int(key) < len(items) else None
            case Unresolved():
                return node
            case _:
                child = None
        if child is None:
            return None
        node = child
    return resolve(node)

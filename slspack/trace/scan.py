"""Source -> facts: a walk over statements; expressions are looked at only where a call may import."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.trace.calls import calls_in, import_by_call, may_import_by_call
from slspack.trace.conditions import Conditions
from slspack.trace.facts import ImportFact, Remark, SourceFacts
from slspack.trace.literals import path_literals
from slspack.trace.source import decode, parse
from slspack.trace.spelled import listed_apps, spelled_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from slspack.model import Target

_CATCHES = frozenset({"BaseException", "Exception", "ImportError", "ModuleNotFoundError"})
_OPEN_NAMES = ("globals()", "locals()", "vars()", "sys.modules")
_EXEC = re.compile(r"exec(?<![.\w]exec)\(")
_OPEN_PATH = ("__path__", "sys.modules", "declare_namespace")
_WALRUS = re.compile(r"(\w+)\s*:=")
_TYPE_ALIAS: type[ast.stmt] | None = getattr(ast, "TypeAlias", None)


def scan_source(content: bytes, path: str, target: Target) -> SourceFacts:
    """What a source says of imports and names when it runs on the target. `path` is only for messages.

    Raises SLS0303 where the target's Python can't parse it, SLS0308 where it is not text.
    """
    text = decode(content, path)
    tree, given_up = parse(text, path, target.python)
    walk = _walked(tree, text, target)
    walk.names.update(_WALRUS.findall(text) if ":=" in text else ())
    literals = path_literals(text)
    return SourceFacts(
        imports=tuple(walk.imports),
        dynamic=tuple(walk.dynamic),
        names=None if walk.open_names else frozenset(walk.names),
        exports=tuple(walk.exports),
        literals=literals,
        open_path=any(word in text for word in _OPEN_PATH),
        given_up=given_up,
        spelled=spelled_names(tree, literals),
        apps=listed_apps(tree, text),
    )


def scan_imports(content: bytes, path: str, target: Target) -> tuple[ImportFact, ...]:
    """The imports among what `scan_source` gives. Raises as it does."""
    text = decode(content, path)
    tree, _ = parse(text, path, target.python)
    return tuple(_walked(tree, text, target).imports)


def _walked(tree: ast.Module, text: str, target: Target) -> _Walk:
    walk = _Walk(text, target.python)
    walk.block(tree.body, _MODULE)
    walk.settle_calls()
    return walk


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a statement stands."""

    optional: bool = False
    deferred: bool = False
    binds: bool = True
    """Whether a name bound here becomes the module's attribute."""


_MODULE = _Place()


class _Walk:
    """The walk over one source."""

    def __init__(self, text: str, python: tuple[int, int]) -> None:
        self.imports: list[ImportFact] = []
        self.dynamic: list[Remark] = []
        self.names: set[str] = set()
        self.exports: list[str] = []
        self.open_names = any(word in text for word in _OPEN_NAMES) or _EXEC.search(text) is not None
        self._text = text
        self._conditions = Conditions(python)
        self._calls: list[tuple[ast.Call, _Place]] = []
        self._seeks_calls = may_import_by_call(text)

    def block(self, body: Iterable[ast.stmt], place: _Place) -> None:
        """Walk statements that stand at one place."""
        for statement in body:
            if self._seeks_calls:
                self._calls.extend((call, place) for call in calls_in(statement))
            visit = _VISITORS.get(type(statement))
            if visit is not None:
                visit(self, statement, place)

    def settle_calls(self) -> None:
        """Decide which calls import, now that all of the source's own imports are known."""
        for call, place in self._calls:
            function = self._conditions.dotted(call.func)
            try:
                fact = import_by_call(call, function, optional=place.optional, deferred=place.deferred)
            except LookupError:
                self.dynamic.append(Remark(call.lineno, call.col_offset + 1, _first_line(self._text, call)))
            else:
                if fact is not None:
                    self.imports.append(fact)
        self.imports.sort(key=lambda fact: (fact.line, fact.column))

    def import_(self, node: ast.Import, place: _Place) -> None:
        for alias in node.names:
            self._conditions.learn_import(alias)
            self._bind(place, alias.asname or alias.name.partition(".")[0])
            self.imports.append(
                ImportFact(alias.name, 0, (), place.optional, place.deferred, alias.lineno, alias.col_offset + 1)
            )

    def import_from(self, node: ast.ImportFrom, place: _Place) -> None:
        module, names = node.module or "", tuple(alias.name for alias in node.names)
        for alias in node.names:
            if not node.level:
                self._conditions.learn_from(module, alias)
            self._bind(place, alias.asname or alias.name)
        if "*" in names:
            self.open_names = True
        self.imports.append(
            ImportFact(module, node.level, names, place.optional, place.deferred, node.lineno, node.col_offset + 1)
        )

    def if_(self, node: ast.If, place: _Place) -> None:
        decided = self._conditions.decide(node.test)
        if decided is not False:
            self.block(node.body, place)
        if decided is not True:
            self.block(node.orelse, place)

    def while_(self, node: ast.While, place: _Place) -> None:
        if self._conditions.decide(node.test) is not False:
            self.block(node.body, place)
        self.block(node.orelse, place)

    def for_(self, node: ast.For | ast.AsyncFor, place: _Place) -> None:
        self._bind_target(place, node.target)
        self.block(node.body, place)
        self.block(node.orelse, place)

    def with_(self, node: ast.With | ast.AsyncWith, place: _Place) -> None:
        for item in node.items:
            if item.optional_vars is not None:
                self._bind_target(place, item.optional_vars)
        suppresses = any(self._suppresses(item.context_expr) for item in node.items)
        self.block(node.body, replace(place, optional=True) if suppresses else place)

    def try_(self, node: ast.Try | ast.TryStar, place: _Place) -> None:
        catching = [handler for handler in node.handlers if self._catches(handler.type)]
        # Where every handler ends in `raise`, nobody survives the failure, unless the function's caller does.
        survived = place.deferred or not all(_raises(handler) for handler in catching)
        inner = replace(place, optional=True) if catching and survived else place
        before = len(self.imports) + len(self._calls)
        self.block(node.body, inner)
        imported = len(self.imports) + len(self._calls) > before
        # A fallback, and what needs the import to have worked, are wanted only in one of the two cases.
        alternative = inner if imported else place
        for handler in node.handlers:
            if handler.name:
                self._bind(place, handler.name)
            self.block(handler.body, alternative if handler in catching else place)
        self.block(node.orelse, alternative)
        self.block(node.finalbody, place)

    def match(self, node: ast.Match, place: _Place) -> None:
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                if isinstance(name, str):
                    self._bind(place, name)
            self.block(case.body, place)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, place: _Place) -> None:
        self._bind(place, node.name)
        if node.name == "__getattr__" and place.binds:
            self.open_names = True
        self.block(node.body, replace(place, deferred=True, binds=False))

    def class_(self, node: ast.ClassDef, place: _Place) -> None:
        self._bind(place, node.name)
        self.block(node.body, replace(place, binds=False))

    def assign(self, node: ast.Assign, place: _Place) -> None:
        for target in node.targets:
            self._bind_target(place, target)
            if place.binds:
                self._conditions.learn_assignment(target, node.value)
                self._export(target, node.value)

    def assign_one(self, node: ast.AnnAssign | ast.AugAssign, place: _Place) -> None:
        self._bind_target(place, node.target)
        if place.binds and node.value is not None:
            self._conditions.learn_assignment(node.target, node.value)
            self._export(node.target, node.value)

    def expression(self, node: ast.Expr, place: _Place) -> None:
        call = node.value
        if place.binds and isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            for argument in call.args:
                self._export(call.func.value, argument)

    def global_(self, node: ast.Global, _place: _Place) -> None:
        self.names.update(node.names)

    def type_alias(self, node: ast.stmt, place: _Place) -> None:
        for target in ast.iter_child_nodes(node):
            if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store):
                self._bind(place, target.id)

    def _bind(self, place: _Place, name: str) -> None:
        if place.binds:
            self.names.add(name)

    def _bind_target(self, place: _Place, target: ast.expr) -> None:
        if place.binds:
            self.names.update(_targets(target))

    def _export(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name) and target.id == "__all__":
            self.exports.extend(
                node.value for node in ast.walk(value) if isinstance(node, ast.Constant) and isinstance(node.value, str)
            )

    def _suppresses(self, context: ast.expr) -> bool:
        return (
            isinstance(context, ast.Call)
            and self._conditions.dotted(context.func) == "contextlib.suppress"
            and any(self._catches(argument) for argument in context.args)
        )

    def _catches(self, kind: ast.expr | None) -> bool:
        if kind is None:
            return True
        if isinstance(kind, ast.Tuple):
            return any(self._catches(item) for item in kind.elts)
        name = self._conditions.dotted(kind)
        return name is not None and name.removeprefix("builtins.") in _CATCHES


def _first_line(text: str, call: ast.Call) -> str:
    line = text.split("\n")[call.lineno - 1].encode()
    end = call.end_col_offset if call.end_lineno == call.lineno else None
    return line[call.col_offset : end].decode().rstrip()


def _raises(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Raise)


def _targets(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple | ast.List):
        for item in target.elts:
            yield from _targets(item)
    elif isinstance(target, ast.Starred):
        yield from _targets(target.value)


_VISITORS: dict[type[ast.stmt], Callable[..., None]] = {
    ast.AnnAssign: _Walk.assign_one,
    ast.Assign: _Walk.assign,
    ast.AsyncFor: _Walk.for_,
    ast.AsyncFunctionDef: _Walk.function,
    ast.AsyncWith: _Walk.with_,
    ast.AugAssign: _Walk.assign_one,
    ast.ClassDef: _Walk.class_,
    ast.Expr: _Walk.expression,
    ast.For: _Walk.for_,
    ast.FunctionDef: _Walk.function,
    ast.Global: _Walk.global_,
    ast.If: _Walk.if_,
    ast.Import: _Walk.import_,
    ast.ImportFrom: _Walk.import_from,
    ast.Match: _Walk.match,
    ast.Try: _Walk.try_,
    ast.TryStar: _Walk.try_,
    ast.While: _Walk.while_,
    ast.With: _Walk.with_,
}
if _TYPE_ALIAS is not None:
    _VISITORS[_TYPE_ALIAS] = _Walk.type_alias

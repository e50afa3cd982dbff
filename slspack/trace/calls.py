"""Imports that are calls: `importlib.import_module("x")`, `__import__("x")`, and readers of package data."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from slspack.trace.facts import ImportFact

if TYPE_CHECKING:
    from collections.abc import Iterator

_CALL_WORDS = ("import_module", "__import__", "resources", "get_data", "PackageLoader")
_RESOURCE_FUNCTIONS = (
    "contents",
    "files",
    "is_resource",
    "open_binary",
    "open_text",
    "path",
    "read_binary",
    "read_text",
)
_DATA_READERS = frozenset(
    {f"{library}.{name}" for library in ("importlib.resources", "importlib_resources") for name in _RESOURCE_FUNCTIONS}
    | {"pkgutil.get_data", "jinja2.PackageLoader"}
)
_IMPORT_MODULE = "importlib.import_module"
_DUNDER_IMPORT = frozenset({"__import__", "builtins.__import__"})


def may_import_by_call(text: str) -> bool:
    """Whether it is worth looking through a source's expressions; much cheaper than doing so."""
    return any(word in text for word in _CALL_WORDS)


def calls_in(statement: ast.stmt) -> Iterator[ast.Call]:
    """Every call among a statement's own expressions, those of statements nested in it left out."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, ast.AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting.extend(item for item in value if isinstance(item, ast.AST) and not isinstance(item, ast.stmt))
        if isinstance(node, ast.Call):
            yield node


def import_by_call(call: ast.Call, function: str | None, *, optional: bool, deferred: bool) -> ImportFact | None:
    """The import that a call of `function` makes; None if it makes none.

    Raises LookupError if it makes one whose name is not a literal.
    """
    if function == _IMPORT_MODULE:
        module, level = _import_module(call)
        names: tuple[str, ...] = ()
    elif function in _DUNDER_IMPORT:
        module, level, names = _dunder_import(call)
    elif function in _DATA_READERS:
        package = _argument(call, 0, "package_name" if function == "jinja2.PackageLoader" else "package")
        if not (isinstance(package, ast.Constant) and isinstance(package.value, str)):
            return None
        module, level, names, optional = package.value, 0, (), True
    else:
        return None
    return ImportFact(module, level, names, optional, deferred, call.lineno, call.col_offset + 1)


def _import_module(call: ast.Call) -> tuple[str, int]:
    name = _literal(_argument(call, 0, "name"))
    bare = name.lstrip(".")
    level = len(name) - len(bare)
    if not level:
        return name, 0
    package = _argument(call, 1, "package")
    if isinstance(package, ast.Name) and package.id in {"__package__", "__name__"}:
        return bare, level
    parents = _literal(package).rsplit(".", level - 1)
    return f"{parents[0]}.{bare}", 0


def _dunder_import(call: ast.Call) -> tuple[str, int, tuple[str, ...]]:
    name = _literal(_argument(call, 0, "name"))
    taken = _argument(call, 3, "fromlist")
    names = tuple(_literal(item) for item in taken.elts) if isinstance(taken, ast.Tuple | ast.List) else ()
    level = _argument(call, 4, "level")
    if level is None:
        return name, 0, names
    if isinstance(level, ast.Constant) and isinstance(level.value, int):
        return name, level.value, names
    raise LookupError


def _argument(call: ast.Call, index: int, keyword: str) -> ast.expr | None:
    if index < len(call.args) and not any(isinstance(arg, ast.Starred) for arg in call.args[: index + 1]):
        return call.args[index]
    return next((item.value for item in call.keywords if item.arg == keyword), None)


def _literal(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise LookupError

"""Modules that strings name: `"shop.settings"`, `"shop.middleware.Timing"`, and Django's lists of apps."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from slspack.trace.facts import ImportFact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_APPS = "_APPS"
_TYPES = frozenset({"annotation", "returns"})


def spelled_names(tree: ast.Module, literals: Iterable[str]) -> tuple[ImportFact, ...]:
    """Each dotted name in a string, where it first stands; annotations and documentation left out.

    Whether it names a module is another question. `literals` are the source's strings: without a dotted name among
    them, the tree is not walked.
    """
    if not any(_DOTTED.fullmatch(literal) for literal in literals):
        return ()
    found: dict[str, ImportFact] = {}
    for name, node in _strings(tree):
        if _DOTTED.fullmatch(name):
            found.setdefault(name, _fact(node, name))
    return tuple(found.values())


def listed_apps(tree: ast.Module, text: str) -> tuple[ImportFact, ...]:
    """The entries of Django's `INSTALLED_APPS` and of the lists that projects put it together from (`LOCAL_APPS`…).

    <https://docs.djangoproject.com/en/stable/ref/settings/#installed-apps>
    """
    if _APPS not in text:
        return ()
    found: dict[str, ImportFact] = {}
    for node in ast.walk(tree):
        for value in _app_lists(node):
            for name, item in _strings(value):
                if _NAME.fullmatch(name):
                    found.setdefault(name, _fact(item, name))
    return tuple(found.values())


def _app_lists(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.keyword):
        if (node.arg or "").endswith(_APPS):
            yield node.value
        return
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    value = getattr(node, "value", None)
    if isinstance(value, ast.expr) and any(isinstance(t, ast.Name) and t.id.endswith(_APPS) for t in targets):
        yield value


def _strings(tree: ast.AST) -> Iterator[tuple[str, ast.Constant]]:
    """Every string that a source may hand to something, in the order of the source."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node.value, node
            continue
        if isinstance(node, ast.Call) and _last_name(node.func) == "cast":
            waiting.extend(reversed(node.args[1:]))
            continue
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            continue
        inner: list[ast.AST] = []
        for field, value in ast.iter_fields(node):
            if field not in _TYPES:
                inner.extend(item for item in (value if isinstance(value, list) else [value]) if _is_node(item))
        waiting.extend(reversed(inner))


def _is_node(value: object) -> bool:
    return isinstance(value, ast.AST)


def _last_name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _fact(node: ast.Constant, name: str) -> ImportFact:
    return ImportFact(name, 0, (), True, True, node.lineno, node.col_offset + 1)  # noqa: FBT003

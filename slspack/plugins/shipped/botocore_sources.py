"""Parsed sources as the search for services' names asks of them: what names are bound to, and where they are used."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from slspack.trace.source import decode, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

Definition = ast.FunctionDef | ast.AsyncFunctionDef
Use = tuple[ast.expr, ast.Call | None, tuple[Definition, ...]]
"""A name or attribute, the call of it if it is called, and the functions that it stands in, the innermost last."""

NEVER = 1 << 30
"""The position of a parameter that is given by its keyword alone."""


class Source:
    """One parsed module, by its path below a root of `sys.path`. Raises SlspackError as `parse` does."""

    def __init__(self, path: str, content: bytes, python: tuple[int, int]) -> None:
        text = decode(content, path)
        self.path = path
        self.lines = text.splitlines()
        self.name = module_name(path)
        self._is_package = path.endswith("__init__.py")
        self.tree, self.hidden = parse(text, path, python)
        self.stars: list[str] = []
        """The modules of which everything is imported."""
        self.imports = dict(self._imports())
        """What each imported name stands for, dotted."""
        self.functions = {one.name: one for one in self.tree.body if isinstance(one, Definition)}

    def _imports(self) -> Iterator[tuple[str, str]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
            elif isinstance(node, ast.ImportFrom):
                base = ".".join(part for part in (self._package(node.level), node.module) if part)
                if node.names[0].name == "*":
                    self.stars.append(base)
                for alias in node.names:
                    yield alias.asname or alias.name, f"{base}.{alias.name}"

    def _package(self, level: int) -> str:
        if not level:
            return ""
        parts = self.name.split(".")
        return ".".join(parts[: len(parts) - level + self._is_package])

    def uses(self) -> Iterator[Use]:
        """Every name and attribute, in no particular order."""
        return _uses(self.tree, ())

    def text_of(self, node: ast.expr | Definition) -> str:
        """The first line of it as written."""
        line = self.lines[node.lineno - 1].encode()
        end = node.end_col_offset if node.end_lineno == node.lineno else None
        return line[node.col_offset : end].decode(errors="replace").strip()


def module_name(path: str) -> str:
    """The dotted name of a source's module."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def parameter(function: Definition, name: str) -> tuple[int, ast.expr | None] | None:
    """The position of a parameter, and its default; `*args` stands for the first of what it takes."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [*[None] * (len(positional) - len(arguments.defaults)), *arguments.defaults]
    for index, (one, default) in enumerate(zip(positional, defaults, strict=True)):
        if one.arg == name:
            return index, default
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if one.arg == name:
            return NEVER, default
    return (len(positional), None) if arguments.vararg and arguments.vararg.arg == name else None


def bindings(scope: ast.AST, name: str) -> Iterator[ast.expr | None]:
    """What a name is bound to in a scope; None for what is no plain value, a starred one for each of what it holds.

    What functions in a module bind is their own, unless they say `global`; those in a function count as part of it.
    """
    for node in _nodes(scope, is_module=isinstance(scope, ast.Module)):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _bound(target, value, name)
            case ast.AnnAssign(target=target, value=given) | ast.NamedExpr(target=target, value=given):
                yield from _bound(target, given, name) if given else ()
            case (
                ast.For(target=target, iter=values)
                | ast.AsyncFor(target=target, iter=values)
                | ast.comprehension(target=target, iter=values)
            ):
                yield from _bound(target, ast.Starred(values), name)
            case ast.withitem(optional_vars=target) if target is not None:
                yield from _bound(target, None, name)
            case ast.AugAssign(target=ast.Name(id=bound)) | ast.ExceptHandler(name=bound) if bound == name:
                yield None
            case ast.Global(names=names) if name in names:
                yield None
            case ast.arg(arg=bound) if bound == name:
                yield None


def _bound(target: ast.expr, value: ast.expr | None, name: str) -> Iterator[ast.expr | None]:
    if isinstance(target, ast.Name):
        if target.id == name:
            yield value
    elif isinstance(target, ast.Tuple | ast.List | ast.Starred) and any(
        isinstance(one, ast.Name) and one.id == name for one in ast.walk(target)
    ):
        yield None


def _nodes(scope: ast.AST, *, is_module: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(scope):
        if is_module and isinstance(child, Definition):
            yield from (one for one in ast.walk(child) if isinstance(one, ast.Global))
        elif not (isinstance(child, ast.arguments) and isinstance(scope, Definition)):
            yield child
            yield from _nodes(child, is_module=is_module)


def _uses(node: ast.AST, around: tuple[Definition, ...]) -> Iterator[Use]:
    for child in ast.iter_child_nodes(node):
        yield from _uses_from(child, around)


def _uses_from(node: ast.AST, around: tuple[Definition, ...]) -> Iterator[Use]:
    if isinstance(node, ast.Call):
        yield node.func, node, around
        yield from _uses(node.func, around)
        for part in (*node.args, *node.keywords):
            yield from _uses_from(part, around)
        return
    if isinstance(node, ast.Name | ast.Attribute):
        yield node, None, around
    yield from _uses(node, (*around, node) if isinstance(node, Definition) else around)

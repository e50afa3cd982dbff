"""Which conditions are already decided by the target: its Python version, its platform, being imported."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

_WATCHED = frozenset(
    {
        "builtins",
        "contextlib",
        "importlib",
        "importlib_resources",
        "jinja2",
        "os",
        "pkgutil",
        "platform",
        "sys",
        "typing",
        "typing_extensions",
    }
)
_COMPARE: dict[type[ast.cmpop], Callable[[object, object], object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,  # type: ignore[dict-item]
    ast.LtE: operator.le,  # type: ignore[dict-item]
    ast.Gt: operator.gt,  # type: ignore[dict-item]
    ast.GtE: operator.ge,  # type: ignore[dict-item]
    ast.In: lambda left, right: operator.contains(right, left),  # type: ignore[arg-type]
    ast.NotIn: lambda left, right: not operator.contains(right, left),  # type: ignore[arg-type]
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


class _UndecidedError(Exception):
    """The value is not known before run time."""


class _Unknown:
    """A value inside a known one (the patch level inside `sys.version_info`): comparing with it decides nothing."""

    def _undecided(self, _other: object) -> bool:
        raise _UndecidedError

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _undecided

    def __hash__(self) -> NoReturn:
        raise _UndecidedError

    def __bool__(self) -> NoReturn:
        raise _UndecidedError


class _ImportedName(_Unknown):
    """`__name__` of a module that Lambda imports: anything but `__main__`."""

    def __eq__(self, other: object) -> bool:
        if other == "__main__":
            return False
        raise _UndecidedError

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> NoReturn:
        raise _UndecidedError


class Conditions:
    """Decides conditions of one source file; learns from its imports what `sys`, `typing` and so on are called."""

    def __init__(self, python: tuple[int, int]) -> None:
        self._aliases: dict[str, str] = {}
        self._constants: dict[str, bool | None] = {}
        self._known: dict[str, object] = {
            "TYPE_CHECKING": False,
            "__name__": _ImportedName(),
            "os.name": "posix",
            "platform.python_implementation()": "CPython",
            "platform.system()": "Linux",
            "sys.implementation.name": "cpython",
            "sys.platform": "linux",
            "sys.version_info": (*python, _Unknown(), "final", 0),
            "sys.version_info.major": python[0],
            "sys.version_info.minor": python[1],
        }

    def learn_import(self, alias: ast.alias) -> None:
        """Remember `import sys as s`."""
        if alias.asname and alias.name.partition(".")[0] in _WATCHED:
            self._aliases[alias.asname] = alias.name

    def learn_from(self, module: str, alias: ast.alias) -> None:
        """Remember `from sys import platform`."""
        if module.partition(".")[0] in _WATCHED:
            self._aliases[alias.asname or alias.name] = f"{module}.{alias.name}"

    def learn_assignment(self, target: ast.expr, value: ast.expr | None) -> None:
        """Remember a constant like `WINDOWS = sys.platform == "win32"`, unless it is assigned twice."""
        if isinstance(target, ast.Name) and target.id.isupper():
            derived = isinstance(value, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Call)
            decided = self.decide(value) if derived and value is not None else None
            self._constants[target.id] = None if target.id in self._constants else decided

    def decide(self, test: ast.expr) -> bool | None:
        """Whether a condition holds on the target; None where that is known only at run time."""
        if isinstance(test, ast.BoolOp):
            parts = [self.decide(part) for part in test.values]
            settling = isinstance(test.op, ast.Or)
            if settling in parts:
                return settling
            return None if None in parts else not settling
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self.decide(test.operand)
            return None if inner is None else not inner
        try:
            return bool(self._value(test))
        except (_UndecidedError, TypeError, ValueError, LookupError):
            return None

    def dotted(self, node: ast.expr) -> str | None:
        """The dotted name that an expression stands for, aliases resolved; None if it is not a plain name."""
        if isinstance(node, ast.Name):
            return self._aliases.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            return None if base is None else f"{base}.{node.attr}"
        return None

    def _value(self, node: ast.expr) -> object:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name | ast.Attribute):
            return self._named(node)
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return tuple(self._value(item) for item in node.elts)
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Subscript):
            return self._item(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        raise _UndecidedError

    def _named(self, node: ast.Name | ast.Attribute) -> object:
        name = self.dotted(node)
        if name is not None and (name == "TYPE_CHECKING" or name.endswith(".TYPE_CHECKING")):
            return False
        if name in self._known:
            return self._known[name]
        if isinstance(node, ast.Name) and self._constants.get(node.id) is not None:
            return self._constants[node.id]
        raise _UndecidedError

    def _comparison(self, node: ast.Compare) -> bool:
        left = self._value(node.left)
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = self._value(comparator)
            if not _COMPARE[type(op)](left, right):
                return False
            left = right
        return True

    def _item(self, node: ast.Subscript) -> object:
        value = self._value(node.value)
        if not isinstance(value, tuple | str):
            raise _UndecidedError
        if isinstance(node.slice, ast.Slice):
            bounds = (node.slice.lower, node.slice.upper, node.slice.step)
            return value[slice(*(None if bound is None else self._integer(bound) for bound in bounds))]
        return value[self._integer(node.slice)]

    def _integer(self, node: ast.expr) -> int:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self._integer(node.operand)
        value = self._value(node)
        if isinstance(value, int):
            return value
        raise _UndecidedError

    def _call(self, node: ast.Call) -> object:
        name = self.dotted(node.func)
        if f"{name}()" in self._known and not node.args:
            return self._known[f"{name}()"]
        if isinstance(node.func, ast.Attribute):
            owner = self._value(node.func.value)
            if isinstance(owner, str):
                return self._method(owner, node.func.attr, node.args)
        raise _UndecidedError

    def _method(self, owner: str, method: str, args: list[ast.expr]) -> object:
        if method in {"lower", "casefold"} and not args:
            return owner.lower()
        if method in {"startswith", "endswith"} and len(args) == 1:
            affix = self._value(args[0])
            if isinstance(affix, str) or (isinstance(affix, tuple) and all(isinstance(part, str) for part in affix)):
                return owner.startswith(affix) if method == "startswith" else owner.endswith(affix)
        raise _UndecidedError

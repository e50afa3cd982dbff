"""Which AWS services a program names: what `client("dynamodb")` and its like are called with.

Literals count, and names that are only ever bound to literals: constants (of other modules, too), variables of loops
over literals, and parameters of module-level functions that every call gives a literal. All else is open.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.plugins.shipped.botocore_sources import NEVER, Source, bindings, module_name, parameter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from slspack.plugins.shipped.botocore_sources import Definition

SDK = ("aioboto3", "aiobotocore", "boto3", "botocore")
"""The modules whose functions take names of services."""

_METHODS = frozenset(
    {"client", "resource", "create_client", "get_service_data", "get_service_model", "load_service_model"}
)
_KEYWORD = "service_name"
_FACTORIES = frozenset(f"{module}.{name}" for module in ("aioboto3", "boto3") for name in ("client", "resource"))
_CALL = re.compile(
    rb"\b(?:client|resource|create_client|get_service_data|[a-z]+_service_model)\s*\(|boto3\s*\.\s*(?:client|resource)\b"
    rb"|from\s+(?:aio)?boto3\s+import\b|\bcreate_client\b|(?i:session)[\w()]*\s*\.\s*(?:client|resource)\b"
)
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class OpenName:
    """A place where the name of a service is known only at run time."""

    path: str
    line: int
    column: int
    text: str
    """As written, its first line."""


@dataclass(frozen=True, slots=True)
class ServiceNames:
    """What the SDK is called with: names, which need not be those of services, and where none can be told."""

    names: frozenset[str]
    open: tuple[OpenName, ...]


@dataclass(frozen=True, slots=True)
class _Forward:
    """A function that hands one of its parameters on as the name of a service."""

    function: str
    """Dotted."""
    position: int
    keyword: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an expression stands: the functions around it, the innermost last."""

    source: Source
    functions: tuple[Definition, ...] = ()


def service_names(sources: Mapping[str, bytes], own: Collection[str], python: tuple[int, int]) -> ServiceNames:
    """What a program for that Python names. `sources` are by their paths on `sys.path`; `own` are the service's.

    In the service's own sources every method `client` may be the SDK's, elsewhere those of modules that speak of boto
    or of sessions.
    """
    search = _Search(sources, own, python)
    for path, content in sources.items():
        if _CALL.search(content) and (path in own or b"boto" in content or b"session" in content):
            search.look_into(path)
    while search.forwards:
        search.follow(search.forwards.pop())
    found = sorted(search.open.values(), key=lambda one: (one.path, one.line, one.column))
    return ServiceNames(frozenset(search.names), tuple(found))


class _Search:
    """What has been found so far; sources are parsed when something leads to them."""

    def __init__(self, sources: Mapping[str, bytes], own: Collection[str], python: tuple[int, int]) -> None:
        self.names: set[str] = set()
        self.open: dict[tuple[str, int, int], OpenName] = {}
        self.forwards: list[_Forward] = []
        self._followed: set[_Forward] = set()
        self._contents, self._own, self._python = sources, own, python
        self._paths = {module_name(path): path for path in sources}
        self._parsed: dict[str, Source | None] = {}

    def look_into(self, path: str) -> None:
        """Take in every call of the SDK's own functions that a source makes."""
        source = self._source(path)
        is_likely = path in self._own or b"boto" in self._contents[path]
        if source is None:
            return
        for remark in source.hidden if path in self._own else ():
            self.open[path, remark.line, remark.column] = OpenName(path, remark.line, remark.column, remark.text)
        for used, call, functions in source.uses():
            dotted = self._dotted(used, source) or ""
            of_sdk = dotted.split(".")[0] in SDK
            if call is None:
                if dotted in _FACTORIES or (b"boto" in self._contents[path] and _is_of_session(used)):
                    self._leave_open(source, used)
            elif (isinstance(used, ast.Attribute) and used.attr in _METHODS) or (
                of_sdk and dotted.split(".")[-1] in _METHODS
            ):
                is_certain = is_likely and (of_sdk or not self._is_foreign(used, source))
                self._take(call, 0, _KEYWORD, _Place(source, functions), is_certain=is_certain)

    def follow(self, forward: _Forward) -> None:
        """Take in every call of a function that hands a name on; where it is not called on the spot, that is open.

        One of the service's own that nothing calls may be called by Lambda, or by a framework.
        """
        defined = self._source(self._paths[forward.function.rpartition(".")[0]])
        name = forward.function.rpartition(".")[2]
        is_called = False
        word = name.encode()
        for path, content in self._contents.items():
            source = self._source(path) if word in content else None
            if source is None:
                continue
            for used, call, functions in source.uses():
                if self._dotted(used, source) != forward.function:
                    continue
                is_called = True
                if call is None:
                    self._leave_open(source, used)
                else:
                    self._take(call, forward.position, forward.keyword, _Place(source, functions), is_certain=True)
        if not is_called and defined and defined.path in self._own:
            self._leave_open(defined, defined.functions[name])

    def _is_foreign(self, used: ast.expr, source: Source) -> bool:
        """Whether it is an attribute of a module that is neither the program's nor the SDK's: `docker.client`."""
        value = used.value if isinstance(used, ast.Attribute) else None
        module = source.imports.get(value.id) if isinstance(value, ast.Name) else None
        return module is not None and module not in self._paths and module.rpartition(".")[0] not in self._paths

    def _take(self, call: ast.Call, position: int, keyword: str, place: _Place, *, is_certain: bool) -> None:
        """What a call gives for one parameter: names, or the place is open. One that gives nothing has the default."""
        given = list(_given(call, position, keyword))
        if is_certain:
            if not self._all(given, place):
                self._leave_open(place.source, call)
        else:
            self.names.update(
                one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )

    def _resolve(self, node: ast.expr, place: _Place, depth: int = 0) -> bool:
        """Note the names that an expression may have; whether that is all that it may be."""
        if depth > _DEPTH:
            return False
        match node:
            case ast.Constant(value=str(name)):
                self.names.add(name)
                return True
            case ast.IfExp(body=body, orelse=orelse):
                return self._all([body, orelse], place, depth)
            case ast.Starred(value=ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items)):
                return self._all(items, place, depth)
            case ast.Starred(value=ast.Dict(keys=keys)):
                return self._all(keys, place, depth)
            case ast.Starred(value=ast.Name(id=name)):
                return self._resolve_name(name, place, depth + 1, is_each=True)
            case ast.Name(id=name):
                return self._resolve_name(name, place, depth + 1)
            case ast.Attribute():
                return self._resolve_dotted(self._dotted(node, place.source), depth + 1)
        return False

    def _all(self, nodes: Iterable[ast.expr | None], place: _Place, depth: int = 0) -> bool:
        """The same for several, of which every one is looked at."""
        told = [node is not None and self._resolve(node, place, depth + 1) for node in nodes]
        return all(told)

    def _resolve_name(self, name: str, place: _Place, depth: int, *, is_each: bool = False) -> bool:
        for count in range(len(place.functions), 0, -1):
            function, inner = place.functions[count - 1], _Place(place.source, place.functions[:count])
            bound = list(bindings(function, name))
            if parameter(function, name) is not None:
                is_vararg = function.args.vararg is not None and function.args.vararg.arg == name
                return not bound and is_vararg is is_each and self._hand_on(name, inner, depth)
            if bound:
                return self._all(_each(bound) if is_each else bound, inner, depth)
        bound = list(bindings(place.source.tree, name))
        if bound:
            return self._all(_each(bound) if is_each else bound, _Place(place.source), depth)
        return self._resolve_dotted(place.source.imports.get(name), depth, is_each=is_each)

    def _resolve_dotted(self, dotted: str | None, depth: int, *, is_each: bool = False) -> bool:
        """A constant of a module."""
        base, _, name = (dotted or "").rpartition(".")
        source = self._source(self._paths.get(base, ""))
        return source is not None and self._resolve_name(name, _Place(source), depth, is_each=is_each)

    def _hand_on(self, name: str, place: _Place, depth: int) -> bool:
        """Whether a parameter can be followed to the calls of its function, as it is from now on."""
        function = place.functions[-1]
        found = parameter(function, name)
        if len(place.functions) > 1 or place.source.functions.get(function.name) is not function or found is None:
            return False
        position, default = found
        forward = _Forward(f"{place.source.name}.{function.name}", position, name)
        if forward not in self._followed:
            self._followed.add(forward)
            self.forwards.append(forward)
        return default is None or self._resolve(default, _Place(place.source), depth)

    def _dotted(self, node: ast.expr, source: Source) -> str | None:
        """What a name or a chain of attributes stands for, where imports and functions of modules tell."""
        if isinstance(node, ast.Attribute):
            base = self._dotted(node.value, source)
            return self._canonical(f"{base}.{node.attr}") if base else None
        return self._named(node.id, source) if isinstance(node, ast.Name) else None

    def _named(self, name: str, source: Source, depth: int = 0) -> str | None:
        if name in source.functions:
            return f"{source.name}.{name}"
        if name in source.imports:
            return self._canonical(source.imports[name], depth)
        for star in source.stars if depth < _DEPTH else ():
            other = self._source(self._paths.get(star, ""))
            found = self._named(name, other, depth + 1) if other else None
            if found:
                return found
        return None

    def _canonical(self, dotted: str, depth: int = 0) -> str:
        """Where it is defined, and not whose import brings it."""
        base, _, name = dotted.rpartition(".")
        source = self._source(self._paths.get(base, "")) if dotted not in self._paths and depth < _DEPTH else None
        return (self._named(name, source, depth + 1) if source else None) or dotted

    def _source(self, path: str) -> Source | None:
        if path not in self._parsed:
            try:
                self._parsed[path] = Source(path, self._contents[path], self._python)
            except (KeyError, SlspackError):
                self._parsed[path] = None
        return self._parsed[path]

    def _leave_open(self, source: Source, node: ast.expr | Definition) -> None:
        place = (source.path, node.lineno, node.col_offset + 1)
        self.open.setdefault(place, OpenName(*place, source.text_of(node)))


def _is_of_session(used: ast.expr) -> bool:
    """Whether it looks like a session's method that is kept for later: `session.client`."""
    return isinstance(used, ast.Attribute) and (
        used.attr == "create_client"
        or (used.attr in ("client", "resource") and "session" in ast.unparse(used.value).lower())
    )


def _given(call: ast.Call, position: int, keyword: str) -> Iterator[ast.expr | None]:
    """What a call gives for a parameter: nothing, an expression, or None for what cannot be told."""
    named = [one.value for one in call.keywords if one.arg == keyword]
    if named:
        yield from named
        return
    before = call.args[:position] if position < NEVER else []
    if any(isinstance(one, ast.Starred) for one in before):
        yield None
    elif len(call.args) > position:
        yield call.args[position]
    elif any(one.arg is None for one in call.keywords):
        yield None


def _each(values: Iterable[ast.expr | None]) -> list[ast.expr | None]:
    """Whatever the values hold."""
    return [None if value is None else ast.Starred(value) for value in values]

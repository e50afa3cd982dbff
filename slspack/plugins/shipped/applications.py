"""Which handlers are web applications: read from the source, without running it."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from slspack.errors import SlspackError
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from slspack.model import Function
    from slspack.plugins import OwnFiles


class Kind(Enum):
    """What a handler's name stands for."""

    WSGI = "WSGI"
    ASGI = "ASGI"
    OTHER = "a handler"
    """A function or a class that is no application: Lambda calls it as it is."""


_MAKERS = {
    Kind.WSGI: (
        "a2wsgi.ASGIMiddleware", "apiflask.APIFlask", "bottle.Bottle", "bottle.default_app",
        "django.core.handlers.wsgi.WSGIHandler",
        "django.core.wsgi.get_wsgi_application", "eve.Eve", "falcon.API", "falcon.App", "flask.Flask",
        "flask.app.Flask", "flask_openapi3.OpenAPI", "whitenoise.WhiteNoise", "werkzeug.middleware.*",
    ),
    Kind.ASGI: (
        "a2wsgi.WSGIMiddleware", "asgiref.wsgi.WsgiToAsgi", "blacksheep.Application",
        "channels.routing.ProtocolTypeRouter",
        "django.core.asgi.get_asgi_application", "django.core.handlers.asgi.ASGIHandler", "falcon.asgi.App",
        "fastapi.FastAPI", "fastapi.applications.FastAPI", "litestar.Litestar", "quart.Quart", "sanic.Sanic",
        "starlette.applications.Starlette", "fastapi.middleware.*", "starlette.middleware.*", "socketio.ASGIApp",
    ),
}  # fmt: skip
"""Classes and functions that give an application. `.*` stands for whatever a package has."""
_METHODS = {"make_wsgi_app": Kind.WSGI}
"""Methods that give one, whosever they are: Pyramid's."""
_SIGNATURES = {("environ", "start_response"): Kind.WSGI, ("scope", "receive", "send"): Kind.ASGI}
_ADAPTERS = frozenset({"apig_wsgi", "awsgi", "aws_wsgi", "mangum", "serverless_wsgi"})
_DEPTH = 8
"""How many names are followed from one to the next."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of a handler. `kind` is None where its source does not tell."""

    kind: Kind | None
    suspected: frozenset[Kind] = frozenset()
    """If it does not tell: the kinds whose frameworks the module imports, unless it imports an adapter, too."""


class Sources:
    """The modules of a service, each parsed once for all the functions that have it."""

    def __init__(self, files: OwnFiles) -> None:
        """Files that are read are noted in `files`."""
        self.files = files
        self._known: dict[tuple[str, str], _Module | None] = {}

    def module(self, name: str, path: str) -> _Module | None:
        """A module by its name and file; None if that has no syntax which this Python reads."""
        if (name, path) not in self._known:
            try:
                tree = ast.parse(self.files.read(path))
            except (SyntaxError, ValueError, SlspackError):
                return self._known.setdefault((name, path), None)  # whoever traces it says so
            self._known[name, path] = _Module(name, is_package=path.endswith("/__init__.py"), tree=tree)
        return self._known[name, path]


def judge(function: Function, sources: Sources) -> Judgement:
    """What a function's handler is."""
    modules = _Modules(function, sources)
    module = modules.find(function.handler.module)
    if module is None:
        return Judgement(None)
    kind = modules.kind_of_name(module, function.handler.attribute, _DEPTH)
    if kind is not None:
        return Judgement(kind)
    imported = {name.partition(".")[0] for name in module.imports.values()}
    if imported & _ADAPTERS:
        return Judgement(None)
    frameworks = {kind: {one.partition(".")[0] for one in makers} for kind, makers in _MAKERS.items()}
    return Judgement(None, frozenset(kind for kind, names in frameworks.items() if imported & names))


class _Module:
    """What the top level of one source binds."""

    def __init__(self, name: str, *, is_package: bool, tree: ast.Module) -> None:
        self.name = name
        self.imports: dict[str, str] = {}
        """Names, and what each was imported as: `flask.Flask`."""
        self.bound: dict[str, ast.AST] = {}
        """The last value, function or class of each name."""
        self._package = name if is_package else name.rpartition(".")[0]
        for statement in _statements(tree.body):
            self._bind(statement)

    def dotted(self, node: ast.AST) -> str | None:
        """The full name that an expression refers to: `flask.Flask` for `Flask` and for `flask.Flask`."""
        if isinstance(node, ast.Attribute):
            left = self.dotted(node.value)
            return f"{left}.{node.attr}" if left else None
        if isinstance(node, ast.Name):
            return self.imports.get(node.id) or (f"{self.name}.{node.id}" if node.id in self.bound else None)
        return None

    def _bind(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Import(names=names):
                self.imports |= {one.asname or one.name.partition(".")[0]: _imported(one) for one in names}
            case ast.ImportFrom(module=module, names=names, level=level):
                origin = self._origin(module, level)
                self.imports |= {one.asname or one.name: f"{origin}.{one.name}".strip(".") for one in names}
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                self.bound[name] = statement
            case ast.Assign(targets=targets, value=value):
                self.bound |= {target.id: value for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                self.bound[name] = statement

    def _origin(self, module: str | None, level: int) -> str:
        if not level:
            return module or ""
        parts = self._package.split(".")
        base = ".".join(parts[: len(parts) - level + 1])
        return f"{base}.{module}".strip(".") if module else base


def _imported(alias: ast.alias) -> str:
    return alias.name if alias.asname else alias.name.partition(".")[0]


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements in order, those of branches among them, but not those of functions and classes."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.If, ast.Try, ast.With)):
            for name in ("body", "handlers", "orelse", "finalbody"):
                inner = getattr(statement, name, ())
                yield from _statements(s for one in inner for s in (one.body if name == "handlers" else [one]))


class _Modules:
    """A function's own modules, as its source roots have them."""

    def __init__(self, function: Function, sources: Sources) -> None:
        self._roots = (*function.source_roots, *(package.root for package in function.packages))
        self._sources = sources

    def find(self, name: str) -> _Module | None:
        """A module of the service; None if there is none that can be read."""
        stem = name.replace(".", "/")
        for root in self._roots:
            for path in (f"{stem}/__init__.py", f"{stem}.py"):
                full = path if root == "." else f"{root}/{path}"
                if self._sources.files.is_file(full):
                    return self._sources.module(name, full)
        return None

    def kind_of_name(self, module: _Module, name: str, depth: int) -> Kind | None:
        """What a name of a module's top level stands for."""
        if name in module.bound:
            return self._kind(module, module.bound[name], depth)
        return self._kind_of_dotted(module.imports[name], depth) if name in module.imports else None

    def _kind_of_dotted(self, dotted: str, depth: int) -> Kind | None:
        """What `package.module.name` of the service stands for."""
        name, _, attribute = dotted.rpartition(".")
        module = self.find(name) if name and depth else None
        return self.kind_of_name(module, attribute, depth - 1) if module else None

    def _kind(
        self, module: _Module, node: ast.AST, depth: int, local: Mapping[str, ast.AST] | None = None
    ) -> Kind | None:
        """What a value is. `local` are names of the function that it stands in."""
        if not depth:
            return None
        match node:
            case ast.Call(func=called):
                return self._kind_made(module, called, depth)
            case ast.AnnAssign(annotation=annotation, value=ast.expr() as value):
                return self._kind_made(module, annotation, depth) or self._kind(module, value, depth)
            case ast.Name(id=name) if local and name in local:
                return self._kind(module, local[name], depth - 1, local)
            case ast.Name(id=name):
                return self.kind_of_name(module, name, depth - 1)
            case ast.Attribute():
                dotted = module.dotted(node)
                return self._kind_of_dotted(dotted, depth) if dotted else None
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return _SIGNATURES.get(tuple(one.arg for one in node.args.args), Kind.OTHER)
            case ast.ClassDef():
                return Kind.OTHER
            case _:
                return None

    def _kind_made(self, module: _Module, called: ast.expr, depth: int) -> Kind | None:
        """What calling something gives."""
        if isinstance(called, ast.Attribute) and called.attr in _METHODS:
            return _METHODS[called.attr]
        dotted = module.dotted(called)
        if dotted is None:
            return None
        for kind, makers in _MAKERS.items():
            if dotted in makers or any(one.endswith(".*") and dotted.startswith(one[:-1]) for one in makers):
                return kind
        name, _, attribute = dotted.rpartition(".")
        owner = self.find(name) if depth else None
        made = owner.bound.get(attribute) if owner else None
        if owner is None or made is None:
            known = owner.imports.get(attribute) if owner else None
            return self._kind_made(owner, ast.Name(attribute), depth - 1) if owner and known else None
        if isinstance(made, ast.ClassDef):
            return self._kind_of_class(owner, made, depth - 1)
        return self._kind_returned(owner, made, depth - 1) if isinstance(made, ast.FunctionDef) else None

    def _kind_of_class(self, module: _Module, made: ast.ClassDef, depth: int) -> Kind | None:
        """What an instance of a class is: by what it inherits, or by how it is called."""
        kinds = (self._kind_made(module, base, depth) for base in made.bases)
        methods = [one for one in made.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]
        taken = (tuple(one.arg for one in m.args.args[1:]) for m in methods if m.name == "__call__")
        return next((kind for kind in kinds if kind), None) or next(map(_SIGNATURES.get, taken), None)

    def _kind_returned(self, module: _Module, made: ast.FunctionDef, depth: int) -> Kind | None:
        """What a factory gives: by its annotation, or by what it returns."""
        if made.returns is not None and (kind := self._kind_made(module, made.returns, depth)):
            return kind
        local: dict[str, ast.AST] = {}
        for statement in _statements(made.body):
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    local[name] = value
                case ast.Return(value=ast.expr() as value):
                    return self._kind(module, value, depth, local)
        return None

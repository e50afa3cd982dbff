"""What a project's files say of it without any of its code being run."""

from __future__ import annotations

import ast
import re
import tomllib
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from slspack.frozen import dataclass
from slspack.model import dist_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from slspack.model import DistName

_LEGACY_BACKEND = "setuptools.build_meta:__legacy__"
_COMPILING_BACKENDS = frozenset(
    {"maturin", "mesonpy", "scikit_build_core.build", "scikit_build_core.setuptools.build_meta", "sipbuild.api"}
)
_COMPILING_TOOLS = frozenset({
    "cffi", "cmake", "cython", "maturin", "meson", "meson-python", "mypyc", "nanobind", "ninja", "pybind11",
    "scikit-build", "scikit-build-core", "setuptools-rust",
})  # fmt: skip
_EXTENSIONS = re.compile(
    r"\b(ext_modules|rust_extensions|cffi_modules|cythonize|CMakeExtension|Pybind11Extension|Extension)\s*[=(]"
)


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """How a project is built."""

    backend: str
    """`build-backend` of `[build-system]`; the legacy one of setuptools where nothing is said."""
    requires: tuple[str, ...]
    """`requires` of `[build-system]`, as written."""
    name: DistName | None
    """As `[project]` states it; None where only a build tells."""
    compiles: str | None
    """Why it looks as if something has to be compiled; None where nothing does."""


def read_project(folder: Path) -> ProjectFacts:
    """Look at `pyproject.toml` and `setup.py`. Files that cannot be read say nothing: the build will tell."""
    document = _document(folder)
    system = _table(document, "build-system")
    backend = system.get("build-backend")
    requires = tuple(one for one in _list(system.get("requires")) if isinstance(one, str))
    name = backend if isinstance(backend, str) else _LEGACY_BACKEND
    stated = _table(document, "project").get("name")
    own = dist_name(stated) if isinstance(stated, str) else None
    return ProjectFacts(name, requires, own, _compiles(name, requires, document, folder))


def says_nothing(setup: Path) -> bool:
    """Whether a `setup.py` is not there, or only calls `setup()`, as `pip install -e` once needed it."""
    try:
        statements = ast.parse(setup.read_text("utf-8-sig")).body
    except FileNotFoundError:
        return True
    except (OSError, SyntaxError, ValueError):
        return False
    return all(map(_says_nothing, statements))


def _says_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.If):  # if __name__ == "__main__"
        return isinstance(statement.test, ast.Compare) and all(map(_says_nothing, statement.body + statement.orelse))
    if isinstance(statement, ast.Import | ast.ImportFrom):
        names = [statement.module] if isinstance(statement, ast.ImportFrom) else [one.name for one in statement.names]
        return names in (["setuptools"], ["__future__"])
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value
    return isinstance(value, ast.Constant) or (isinstance(value, ast.Call) and not value.args and not value.keywords)


def _compiles(backend: str, requires: Sequence[str], document: Mapping[str, object], folder: Path) -> str | None:
    if backend in _COMPILING_BACKENDS:
        return f"its build backend is `{backend}`"
    tools = [name for name in map(_required, requires) if name in _COMPILING_TOOLS]
    if tools:
        return f"it is built with `{tools[0]}`"
    setuptools = _table(_table(document, "tool"), "setuptools")
    if setuptools.get("ext-modules"):
        return "its `pyproject.toml` lists `ext-modules`"
    if backend.startswith("setuptools"):
        try:
            script = (folder / "setup.py").read_text("utf-8", "replace")
        except OSError:
            return None
        found = _EXTENSIONS.search(re.sub(r"#.*", "", script))
        if found:
            return f"its `setup.py` speaks of `{found[1]}`"
    return None


def _required(text: str) -> str:
    try:
        return dist_name(Requirement(text).name)
    except InvalidRequirement:
        return ""


def _document(folder: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads((folder / "pyproject.toml").read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


def _table(parent: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()

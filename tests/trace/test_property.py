"""Over generated packages: what is planned is what the interpreter loads, no more and no less."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, note, settings
from hypothesis import strategies as st

from slspack.trace import Scanner, trace_function
from tests.support.tracing import function, target, write_tree

_RUN = """
import importlib, json, sys
root = sys.argv[1]
sys.path.insert(0, root)
importlib.import_module("handler")
files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
print(json.dumps(sorted(file[len(root) + 1:] for file in files if file and file.startswith(root))))
"""
_HEAD = "import importlib, os, sys\nfrom typing import TYPE_CHECKING\nVALUE = 1\n"


@dataclass
class Service:
    """Modules by dotted name, each with the path of its file and the statements in it."""

    paths: dict[str, str]
    bodies: dict[str, list[str]] = field(default_factory=dict)

    def files(self) -> dict[str, str]:
        return {path: _HEAD + "\n".join(self.bodies.get(name, ())) + "\n" for name, path in self.paths.items()}


def _relative(importer: str, is_package: bool, imported: str) -> str | None:
    """`from ..x import y` for a module below the same top-level folder; None if there is no such spelling."""
    package = importer.split(".") if is_package else importer.split(".")[:-1]
    parent, _, name = imported.rpartition(".")
    above = parent.split(".") if parent else []
    if not package or not above or package[0] != above[0]:
        return None
    common = 0
    while common < min(len(package), len(above)) and package[common] == above[common]:
        common += 1
    return f"from {'.' * (len(package) - common + 1)}{'.'.join(above[common:])} import {name} as _"


def _wrapped(kind: str, statement: str, other: str) -> str:
    return {
        "plain": statement,
        "function": f"def run():\n    {statement}\nrun()",
        "class": f"class Holder:\n    {statement}",
        "caught": f"try:\n    {statement}\nexcept ImportError:\n    raise",
        "absent": f"try:\n    import {other}_absent\nexcept ImportError:\n    {statement}",
        "version": f"if sys.version_info >= (3,) and os.name != 'nt':\n    {statement}\nelse:\n    import {other}",
        "checking": f"if TYPE_CHECKING:\n    import {other}\nelse:\n    {statement}",
        "main": f"if __name__ == '__main__':\n    import {other}\nfor _ in (1,):\n    {statement}",
    }[kind]


_WRAPPERS = ["plain", "function", "class", "caught", "absent", "version", "checking", "main"]


@st.composite
def _statements(draw: st.DrawFn, service: Service, importer: str) -> str:
    names = [name for name in service.paths if name != "handler"]
    imported = draw(st.sampled_from(names))
    parent, _, name = imported.rpartition(".")
    # `as _`: a name bound in a package may hide its submodule, and tracing takes both (docs/concepts/tracing.md).
    spellings = [
        f"import {imported} as _",
        f"from {imported} import VALUE",
        f'importlib.import_module("{imported}")',
        f'__import__("{imported}")',
    ]
    if parent:
        spellings.append(f"from {parent} import {name} as _")
    relative = _relative(importer, service.paths[importer].endswith("__init__.py"), imported)
    if relative:
        spellings += [relative, relative]
    statement = draw(st.sampled_from(spellings))
    return _wrapped(draw(st.sampled_from(_WRAPPERS)), statement, draw(st.sampled_from(names)))


@st.composite
def services(draw: st.DrawFn) -> Service:
    """Nested packages, some without `__init__.py`, whose modules import each other at random, in circles too."""
    folders = draw(
        st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(tuple), min_size=1, max_size=5)
    )
    every = {folder[:depth] for folder in folders for depth in range(1, len(folder) + 1)}
    paths = {"handler": "handler.py"}
    for folder in sorted(every):
        regular = draw(st.booleans())
        if regular:
            paths[".".join(folder)] = "/".join(folder) + "/__init__.py"
        for module in draw(st.sets(st.sampled_from("mno"), max_size=2)):
            paths[".".join((*folder, module))] = "/".join((*folder, module)) + ".py"
    paths.setdefault("top", "top.py")
    service = Service(paths)
    for name in sorted(paths):
        fewest, most = (1, 3) if name == "handler" else (0, 2)
        service.bodies[name] = [draw(_statements(service, name)) for _ in range(draw(st.integers(fewest, most)))]
    packages = sorted(name for name, path in paths.items() if path.endswith("__init__.py"))
    starring = draw(st.booleans())
    if packages and starring:
        starred = draw(st.sampled_from(packages))
        below = sorted(name.rpartition(".")[2] for name in paths if name.rpartition(".")[0] == starred)
        service.bodies[starred].insert(0, f"__all__ = {[*below, 'VALUE']}")
        service.bodies["handler"].append(f"from {starred} import *")
    return service


def _loaded(root: Path) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _RUN, str(root)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    loaded: list[str] = json.loads(ran.stdout)
    return loaded


@settings(max_examples=40, deadline=None)
@given(services())
def test_planned_is_what_the_interpreter_loads(service: Service) -> None:
    files = service.files()
    note("\n".join(f"--- {path}\n{content.removeprefix(_HEAD)}" for path, content in files.items()))
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder).resolve()
        running = target(f"python{sys.version_info[0]}.{sys.version_info[1]}")
        graph = trace_function(function("handler.VALUE", on=running), write_tree(here / "all", files), Scanner())
        planned: dict[str, str] = {module.archive: files[module.path] for module in graph.modules}
        assert sorted(planned) == _loaded(here / "all")
        write_tree(here / "planned", planned)
        assert _loaded(here / "planned") == sorted(planned)

"""Over generated services: what is built runs from the artifact alone, and holds nothing that cannot be reached."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.support.bench import Bench
from tests.support.lambda_host import run
from tests.support.wheels import make_wheel, sha256_of

PYTHON = Path(sys.executable)
RUNTIME = "python{}.{}".format(*sys.version_info)
HANDLERS = ("first", "second")


@dataclass(frozen=True)
class Wheel:
    """A distribution, in the shape of a package, a single module or a part of the namespace `space`."""

    name: str
    shape: str
    requires: tuple[str, ...]
    """Each is required by its metadata and imported by its source."""
    tries: tuple[str, ...]
    """Each is imported in `try` where the module is imported."""
    lazily: tuple[str, ...]
    """Each is imported only by a function that nobody calls."""

    @property
    def module(self) -> str:
        return f"space.{self.name}" if self.shape == "namespace" else self.name

    def files(self, modules: dict[str, str]) -> dict[str, str]:
        lines = [f"import {modules[name]}" for name in self.requires]
        lines += [f"try:\n    import {modules[name]}\nexcept ImportError:\n    pass" for name in self.tries]
        lines += [f"def later():\n    import {modules[name]}" for name in self.lazily]
        source = "\n".join([*lines, "VALUE = 1\n"])
        if self.shape == "module":
            return {f"{self.name}.py": source}
        folder = self.module.replace(".", "/")
        return {f"{folder}/__init__.py": "from ._own import VALUE\n", f"{folder}/_own.py": source}


@dataclass
class Generated:
    """A service with wheels: modules of the service by dotted name, each with its imports of either kind."""

    wheels: dict[str, Wheel]
    paths: dict[str, str]
    imports: dict[str, list[str]] = field(default_factory=dict)
    """Statements of each module, all of which run when it is imported."""
    wants: dict[str, set[str]] = field(default_factory=dict)
    """The distributions that each module imports."""

    def files(self) -> dict[str, str | bytes]:
        files: dict[str, str | bytes] = {
            path: "\n".join([*self.imports[name], "VALUE = 1", "def handler(event, context):", "    return VALUE", ""])
            for name, path in self.paths.items()
        }
        functions = "".join(f"  {name}: {name}.handler\n" for name in HANDLERS)
        files["slspack.yml"] = f"runtime: {RUNTIME}\nsourceRoots: [., lib]\nfunctions:\n{functions}"
        return files


@st.composite
def generated(draw: st.DrawFn) -> Generated:
    """Wheels that need only later ones, and modules that import each other and the wheels as they like."""
    names = [f"dist{letter}" for letter in "abcde"[: draw(st.integers(1, 5))]]
    wheels = {}
    for place, name in enumerate(names):
        later = (
            st.lists(st.sampled_from(names[place + 1 :]), max_size=2, unique=True)
            if names[place + 1 :]
            else st.just([])
        )
        shape = draw(st.sampled_from(["package", "module", "namespace"]))
        wheels[name] = Wheel(name, shape, tuple(draw(later)), tuple(draw(later)), tuple(draw(later)[:1]))
    paths = {name: f"{name}.py" for name in HANDLERS}
    for name in draw(
        st.sets(st.sampled_from(["flat", "pack.one", "pack.two", "part.inner.deep", "part.other"]), min_size=1)
    ):
        root = draw(st.sampled_from(["", "lib/"])) if name == "flat" else "lib/"
        paths[name] = f"{root}{name.replace('.', '/')}.py"
    if any(name.startswith("pack.") for name in paths) and draw(st.booleans()):
        paths["pack"] = "lib/pack/__init__.py"
    service = Generated(wheels, paths)
    inner = sorted(set(paths) - set(HANDLERS))
    for name in sorted(paths):
        own = draw(st.lists(st.sampled_from(inner), max_size=2, unique=True))
        wanted = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
        statements = [draw(_spelled(module)) for module in own]
        service.imports[name] = statements + [draw(_spelled(wheels[dist].module)) for dist in wanted]
        service.wants[name] = set(wanted)
    return service


def _spelled(module: str) -> st.SearchStrategy[str]:
    parent, _, name = module.rpartition(".")
    spellings = [
        f"import {module}",
        f"import importlib\nimportlib.import_module('{module}')",
        f"def now():\n    import {module}\nnow()",
        f"try:\n    import {module}\nexcept ImportError:\n    raise",
    ]
    return st.sampled_from([*spellings, f"from {parent} import {name}"] if parent else spellings)


def _lock(service: Generated, folder: Path) -> str:
    modules = {name: wheel.module for name, wheel in service.wheels.items()}
    text = 'lock-version = "1.0"\ncreated-by = "tests"\n'
    for name, wheel in service.wheels.items():
        path = make_wheel(folder, name, files=wheel.files(modules), requires=wheel.requires)
        file = f'url = "{path.as_uri()}", hashes = {{ sha256 = "{sha256_of(path)}" }}'
        text += f'[[packages]]\nname = "{name}"\nversion = "1.0"\nwheels = [{{ {file} }}]\n'
    return text


def _brought(service: Generated, names: set[str]) -> set[str]:
    """What distributions bring with them by any kind of import."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            wheel = service.wheels[name]
            waiting += [*wheel.requires, *wheel.tries, *wheel.lazily]
    return found


@settings(max_examples=20, deadline=None)
@given(generated())
def test_each_artifact_runs_and_holds_what_its_handler_reaches(service: Generated) -> None:
    note("\n".join(f"--- {path}\n{text!s}" for path, text in service.files().items()))
    note("\n".join(map(str, service.wheels.values())))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder, "service"), Path(folder, "store"))
        bench.write({**service.files(), "pylock.toml": _lock(service, Path(folder, "wheels"))})
        manifest = bench.build()
        reached: dict[str, set[str]] = {}
        for name in HANDLERS:
            done = run(bench.artifact(name), f"{name}.handler", [{}], PYTHON)
            assert done.results == (1,)
            loaded = {module for module in service.paths if module in done.modules}
            assert set(manifest["functions"][name]["modules"]) == {service.paths[module] for module in loaded}
            reached[name] = _brought(service, {dist for module in loaded for dist in service.wants[module]})
        nobodys = set(service.wheels) - set().union(*reached.values())
        for name in HANDLERS:
            held = {distribution["name"] for distribution in manifest["functions"][name]["distributions"]}
            assert held <= reached[name] | _brought(service, nobodys)

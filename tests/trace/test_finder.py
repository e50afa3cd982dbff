"""First-party modules are found in the interpreter's own order."""

from __future__ import annotations

import platform
import sys
import tempfile
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, FileFinder, SourceFileLoader
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from slspack.trace.finder import Finder, Kind, extension_suffixes
from tests.support.tracing import target, write_tree

RUNNING = target(f"python{sys.version_info[0]}.{sys.version_info[1]}")
SUFFIXES = extension_suffixes(RUNNING)
_LOADERS = ((ExtensionFileLoader, list(SUFFIXES)), (SourceFileLoader, [".py"]))
_FILES = [
    "m.py",
    *(f"m{suffix}" for suffix in SUFFIXES),
    "m/__init__.py",
    f"m/__init__{SUFFIXES[0]}",
    "m/x.py",
    "m/x/y.py",
    "m/x/data.json",
    "m.txt",
    "m.pyi",
]


def interpreter_finds(name: str, roots: list[str]) -> tuple[str | None, list[str] | None] | None:
    """Its file and its `__path__`, as CPython's finder sees them without importing; None if there is none."""
    path: list[str] = roots
    found: tuple[str | None, list[str] | None] | None = None
    for part in name.split("."):
        namespace: list[str] = []
        found = None
        for folder in path:
            spec = FileFinder(folder, *_LOADERS).find_spec(part)
            if spec is None:
                continue
            if spec.loader is not None:
                found = (spec.origin, list(spec.submodule_search_locations or ()))
                break
            namespace += spec.submodule_search_locations or ()
        if found is None and namespace:
            found = (None, namespace)
        if found is None:
            return None
        path = found[1] or []
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(_FILES), max_size=4), st.lists(st.sampled_from(_FILES), max_size=4))
def test_precedence_is_the_interpreters(first: list[str], second: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder).resolve()
        files = {f"{root}/{path}": "" for root, paths in (("one", first), ("two", second)) for path in paths}
        tree = write_tree(here, {**files, "one/other.py": "", "two/other.py": ""})
        finder = Finder(tree, ["one", "two"], RUNNING)
        for name in ("m", "m.x", "m.x.y", "other", "m.x.z"):
            expected = interpreter_finds(name, [str(here / "one"), str(here / "two")])
            found = finder.find(name)
            if expected is None:
                assert found is None
                continue
            assert found is not None
            assert found.path == (str(Path(expected[0]).relative_to(here)) if expected[0] else "")
            searched = [str(Path(place).relative_to(here)) for place in expected[1] or ()]
            assert [portion.folder for portion in found.portions] == searched


def test_suffixes_are_those_of_the_interpreter_on_linux() -> None:
    machine = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
    if sys.platform == "linux":
        running = target(RUNNING.runtime, machine[platform.machine()])
        assert list(extension_suffixes(running)) == EXTENSION_SUFFIXES
    else:
        assert extension_suffixes(RUNNING)[0].endswith("-linux-gnu.so")


def test_suffixes_depend_on_the_architecture() -> None:
    assert extension_suffixes(target("python3.12", "arm64")) == (
        ".cpython-312-aarch64-linux-gnu.so",
        ".abi3.so",
        ".so",
    )


def test_extensions_of_other_targets_are_not_modules(tmp_path: Path) -> None:
    tree = write_tree(tmp_path, {"a.cpython-311-darwin.so": "", "b.pyd": "", "c.cpython-312-x86_64-linux-gnu.so": ""})
    finder = Finder(tree, ["."], target("python3.13"))
    assert [finder.find(name) for name in "abc"] == [None, None, None]


def test_archive_names_are_relative_to_the_root(tmp_path: Path) -> None:
    tree = write_tree(tmp_path, {"src/shop/__init__.py": "", "src/shop/x.py": "", "lib/y.py": "", "z.py": ""})
    finder = Finder(tree, ["src", "./lib/", "."], target())
    found = {name: finder.find(name) for name in ("shop", "shop.x", "y", "z", "src.shop.x")}
    assert {name: module and module.archive for name, module in found.items()} == {
        "shop": "shop/__init__.py",
        "shop.x": "shop/x.py",
        "y": "y.py",
        "z": "z.py",
        "src.shop.x": "src/shop/x.py",
    }


def test_namespace_portions_merge_across_roots(tmp_path: Path) -> None:
    tree = write_tree(tmp_path, {"one/ns/a.py": "", "two/ns/b.py": "", "three/ns.py": ""})
    finder = Finder(tree, ["one", "two"], target())
    namespace = finder.find("ns")
    assert namespace is not None
    assert namespace.kind is Kind.NAMESPACE
    assert [finder.find(name) is not None for name in ("ns.a", "ns.b", "ns.c")] == [True, True, False]
    regular = Finder(tree, ["one", "two", "three"], target()).find("ns")
    assert regular is not None
    assert regular.kind is Kind.MODULE


def test_names_match_exactly_and_need_not_be_identifiers(tmp_path: Path) -> None:
    tree = write_tree(tmp_path, {"src/my-lambda.py": "", "Shop.py": ""})
    finder = Finder(tree, ["."], target())
    assert finder.find("src.my-lambda") is not None
    assert finder.find("shop") is None
    assert finder.find("") is None
    assert finder.find("src..my-lambda") is None


def test_a_file_is_located_as_the_module_that_it_is(tmp_path: Path) -> None:
    tree = write_tree(tmp_path, {"src/a/__init__.py": "", "src/a/b.py": "", "src/c.py": "", "src/c/__init__.py": ""})
    finder = Finder(tree, ["src"], target())
    located = {path: finder.locate(path) for path in ("src/a/__init__.py", "src/a/b.py", "src/c.py", "a/b.py")}
    assert {path: module and module.name for path, module in located.items()} == {
        "src/a/__init__.py": "a",
        "src/a/b.py": "a.b",
        "src/c.py": None,
        "a/b.py": None,
    }

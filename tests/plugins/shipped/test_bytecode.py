"""The plugin `bytecode` on whole services: what is in the artifacts, and what an interpreter makes of it."""

from __future__ import annotations

import importlib.util
import marshal
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from slspack.plugins.shipped.bytecode.compiling import Compiler
from tests.support.bench import Bench
from tests.support.index import package_index
from tests.support.interpreters import find_interpreter
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import CodeType

    from slspack.model import ArchivePath

MINOR = "{}.{}".format(*sys.version_info)
TAG = sys.implementation.cache_tag
CALL = "import app; print(app.handler({}, None), app.handler.__code__.co_filename)"
APP = """\
import alpha
from lib.words import WORDS

def handler(event, context):
    "Says what it knows."
    assert event is not None
    return [alpha.NAME, sorted(WORDS & {"a", "b c", None})]
"""

NESTING = f"""\
service: shop
provider: {{name: aws, runtime: python{MINOR}}}
package: {{individually: true}}
custom: {{pythonRequirements: {{zip: true}}, slspack: {{plugins: [{{use: bytecode, options: {{sources: SOURCES}}}}]}}}}
functions:
  api: {{handler: app.handler}}
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with package_index(tmp_path / "index") as index:
        made = Bench(tmp_path / "service", tmp_path / "store", index)
        files: dict[str, str | bytes] = {
            "alpha/__init__.py": "NAME = 'alpha'\n",
            "alpha/__pycache__/__init__.cpython-399.pyc": b"of somebody's machine",
            "alpha/old.pyc": b"kept",
            "alpha/template.py": "class {{ name }}: pass\n",
        }
        make_wheel(index.folder, "alpha", files=files)
        made.write({"app.py": APP, "lib/words.py": "WORDS = {'a', 'b c', 'd'}\n", "requirements.txt": "alpha\n"})
        configure(made)
        yield made


def configure(bench: Bench, options: str = "", more: str = "", minor: str = MINOR) -> None:
    plugins = f"plugins: [{{use: bytecode, options: {{{options}}}}}]"
    text = f"runtime: python{minor}\n{plugins}\n{more}functions: {{api: app.handler}}\n"
    bench.write({"slspack.yml": text})


def unpack(bench: Bench, folder: Path, function: str = "api") -> Path:
    with zipfile.ZipFile(bench.artifact(function)) as archive:
        archive.extractall(folder)
    return folder


def call(folder: Path, python: Path | str = sys.executable, code: str = CALL) -> str:
    """What an interpreter of its own prints that has the artifact's files and nothing else to import from."""
    words = [str(python), "-B", "-s", "-S", "-c", code]
    done = subprocess.run(words, cwd=folder, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def code_of(pyc: bytes) -> CodeType:
    code: CodeType = marshal.loads(pyc[16:])
    return code


def test_sources_get_byte_code_that_nobody_compares_with_them(bench: Bench, tmp_path: Path) -> None:
    bench.build()
    names = bench.names_in("api")
    pycs = [name for name in names if name.endswith(".pyc")]
    assert pycs == [
        f"alpha/__pycache__/__init__.{TAG}.pyc",
        f"__pycache__/app.{TAG}.pyc",
        f"lib/__pycache__/words.{TAG}.pyc",
    ]
    pyc = bench.read_from("api", f"__pycache__/app.{TAG}.pyc")
    assert pyc[:8] == importlib.util.MAGIC_NUMBER + b"\1\0\0\0"
    assert pyc[8:16] == importlib.util.source_hash(APP.encode())
    assert code_of(pyc).co_filename == "/var/task/app.py"
    assert code_of(bench.read_from("api", f"alpha/__pycache__/__init__.{TAG}.pyc")).co_filename == (
        "/var/task/alpha/__init__.py"
    )
    folder = unpack(bench, tmp_path / "run")
    for source in folder.rglob("*.py"):
        source.write_text("raise SystemExit('compiled from source')\n")
    assert call(folder).startswith("['alpha', ['a', 'b c']] ")


def test_a_source_that_does_not_compile_stays_as_it_is(bench: Bench) -> None:
    result = bench.slspack("build")
    assert f"`api` has 1 file that CPython {MINOR} cannot compile: `alpha/template.py`" in result.err
    assert bench.read_from("api", "alpha/template.py") == b"class {{ name }}: pass\n"


def test_sources_are_dropped(bench: Bench, tmp_path: Path) -> None:
    configure(bench, "sources: drop")
    bench.build()
    assert sorted(name for name in bench.names_in("api") if "dist-info" not in name) == [
        "alpha/__init__.pyc", "alpha/template.py", "app.pyc", "lib/words.pyc",
    ]  # fmt: skip
    assert call(unpack(bench, tmp_path / "run")) == "['alpha', ['a', 'b c']] /var/task/app.py"


@pytest.mark.parametrize(("level", "docstring", "checked"), [(0, True, True), (1, True, False), (2, False, False)])
def test_levels_of_optimisation(bench: Bench, tmp_path: Path, level: int, docstring: bool, checked: bool) -> None:
    configure(bench, f"optimize: {level}")
    bench.build()
    folder = unpack(bench, tmp_path / "run")
    assert call(folder, code="import app; print(bool(app.handler.__doc__))") == str(docstring)
    code = "import app\ntry: print(app.handler(None, None) is None)\nexcept AssertionError: print('checked')"
    assert (call(folder, code=code) == "checked") is checked


def test_files_are_left_out(bench: Bench) -> None:
    configure(bench, "exclude: ['alpha/**', lib/words.py]")
    result = bench.slspack("build")
    pycs = [name for name in bench.names_in("api") if name.endswith(".pyc")]
    assert pycs == [f"__pycache__/app.{TAG}.pyc"]
    assert "SLS0842" not in result.err


def test_byte_code_of_others_goes(bench: Bench) -> None:
    configure(bench, more="prune: 'off'\npatterns: ['__pycache__/**']\n")
    bench.write({f"__pycache__/{name}.{TAG}.pyc": b"of this machine" for name in ("app", "other")})
    bench.build()
    names = [name for name in bench.names_in("api") if name.endswith(".pyc")]
    assert f"__pycache__/other.{TAG}.pyc" not in names
    assert bench.read_from("api", f"__pycache__/app.{TAG}.pyc").startswith(importlib.util.MAGIC_NUMBER)


@pytest.mark.parametrize("wanted", ["'3.98'", f"'{MINOR}.98'", "nowhere/python", "'3.98', python-of-nobody"])
def test_no_interpreter_is_an_error(bench: Bench, wanted: str) -> None:
    configure(bench, f"interpreter: [{wanted}]")
    result = bench.slspack("build")
    assert result.status == 3
    assert f"error[SLS0840]: the plugin `bytecode` needs a CPython {MINOR} of `" in result.err
    assert f"`uv python install {MINOR}`" in result.err
    assert not bench.artifact("api").exists()


@pytest.mark.parametrize("wanted", [sys.executable, f"[python0.0, '{MINOR}']"])
def test_an_interpreter_is_named(bench: Bench, wanted: str) -> None:
    configure(bench, f"interpreter: {wanted}")
    bench.build()
    assert f"__pycache__/app.{TAG}.pyc" in bench.names_in("api")


def test_what_was_looked_at_is_looked_at_again_and_nothing_else(bench: Bench, tmp_path: Path) -> None:
    """The interpreter that compiled is a file like another; of the environment only the search for it counts."""
    configure(bench, "interpreter: py")
    python = tmp_path / "bin/py"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    assert bench.slspack("build", PATH=path).status == 0
    again = bench.slspack("build", "--explain-cache", PATH=path, SHLVL="7", OLDPWD="/")
    assert "0 built, 1 unchanged" in again.err + again.out
    result = bench.slspack("build", PATH=os.environ["PATH"])
    assert (result.status, "SLS0840" in result.err) == (3, True)


def test_a_build_after_a_change_is_a_build_from_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.build()
    bench.write({"lib/words.py": "WORDS = {'a', 'x'}\n"})
    after = bench.build()["functions"]["api"]["sha256"]
    other = Bench(tmp_path / "elsewhere", tmp_path / "store2", bench.index)
    other.write({"app.py": APP, "lib/words.py": "WORDS = {'a', 'x'}\n", "requirements.txt": "alpha\n"})
    configure(other)
    assert other.build()["functions"]["api"]["sha256"] == after
    assert "['a']" in call(unpack(bench, tmp_path / "run"))


def test_what_was_compiled_once_is_taken_from_the_store(bench: Bench, tmp_path: Path) -> None:
    """Without `.slspack`, as in a new checkout: no source is compiled again, but for the one that changed."""
    bench.build()
    compiled: list[list[str]] = []

    def noting(compiler: Compiler, files: Sequence[tuple[ArchivePath, bytes]]) -> tuple[bytes | None, ...]:
        compiled.append([name for name, _ in files])
        return compile_files(compiler, files)

    compile_files = Compiler.compile
    other = Bench(tmp_path / "elsewhere", bench.store, bench.index)
    other.write({"app.py": APP, "lib/words.py": "WORDS = {'a', 'x'}\n", "requirements.txt": "alpha\n"})
    configure(other)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compiler, "compile", noting)
        other.build()
        assert compiled == [["lib/words.py"]]
        other.write({"lib/words.py": "WORDS = {'a', 'b c', 'd'}\n"})
        assert other.build()["functions"]["api"]["sha256"] == bench.build()["functions"]["api"]["sha256"]
        assert compiled[1:] == [[]]


def test_options_make_another_artifact(bench: Bench) -> None:
    seen: dict[str | None, list[str]] = {}
    for options in ("", "optimize: 1", "sources: drop", "exclude: [app.py]", ""):
        configure(bench, options)
        record = bench.build()["functions"]["api"]
        seen.setdefault(record["sha256"], []).append(options)
    assert list(seen.values()) == [["", ""], ["optimize: 1"], ["sources: drop"], ["exclude: [app.py]"]]


def test_a_folder_is_what_the_archive_is(bench: Bench, tmp_path: Path) -> None:
    """Also after Python has left its own byte code there, and after changes, and without the plugin again."""
    tree = tmp_path / "tree/api"
    plain = f"runtime: python{MINOR}\nfunctions: {{api: app.handler}}\n"

    def check(expected: str) -> None:
        bench.build()
        bench.build("--format", "dir", "--out", str(tree.parent))
        found = {path.relative_to(tree).as_posix(): path.read_bytes() for path in tree.rglob("*") if path.is_file()}
        archived = {name: bench.read_from("api", name) for name in bench.names_in("api")}
        assert {name: found.get(name) for name in archived} == archived
        assert all("__pycache__" in name for name in found.keys() - archived.keys())
        run = [sys.executable, "-s", "-S", "-c", CALL]
        done = subprocess.run(run, cwd=tree, env={}, capture_output=True, text=True, check=True)
        assert done.stdout.startswith(f"['alpha', {expected}]")

    bench.write({"slspack.yml": plain})
    check("['a', 'b c']")
    configure(bench)
    check("['a', 'b c']")
    bench.write({"lib/words.py": "WORDS = {'b c'}\n"})
    check("['b c']")
    configure(bench, "sources: drop")
    check("['b c']")
    bench.write({"slspack.yml": plain, "lib/words.py": "WORDS = {'a'}\n"})
    check("['a']")


def test_a_wrapped_handler_is_compiled_as_it_is_wrapped(bench: Bench, tmp_path: Path) -> None:
    bench.write(
        {
            "wrapping.py": "from slspack.model import HandlerWrapper\nfrom slspack.plugins import hookimpl\n"
            "slspack_interface = 1\n@hookimpl\ndef slspack_wrap_handler():\n"
            "    return HandlerWrapper('def wrap(handler):\\n    return lambda *a: [\"wrapped\", handler(*a)]\\n')\n"
        }
    )
    for sources in ("keep", "drop"):
        text = f"plugins: [./wrapping.py, {{use: bytecode, options: {{sources: {sources}}}}}]"
        bench.write({"slspack.yml": f"runtime: python{MINOR}\n{text}\nfunctions: {{api: app.handler}}\n"})
        bench.build()
        told = call(unpack(bench, tmp_path / sources), code="import app; print(app.handler({}, None))")
        assert told == "['wrapped', ['alpha', ['a', 'b c']]]"


def test_what_is_nested_is_unpacked_before_anything_is_imported(bench: Bench, tmp_path: Path) -> None:
    for sources in ("keep", "drop"):
        (bench.root / "slspack.yml").unlink(missing_ok=True)
        bench.write({"serverless.yml": NESTING.replace("SOURCES", sources)})
        result = bench.slspack("build")
        assert result.status == 0, result.err
        assert "`alpha/template.py`" not in result.err
        assert "app.py" not in result.err
        assert any("words" in name for name in bench.names_in("api") if name.endswith(".pyc"))
        code = (
            f"import sys, tempfile; tempfile.tempdir = {str(tmp_path)!r}; {CALL}; import alpha; print(alpha.__cached__)"
        )
        told = call(unpack(bench, tmp_path / sources), code=code)
        assert told.startswith("['alpha', ['a', 'b c']]")
        assert told.endswith(".pyc")


def test_a_layer_has_byte_code_for_where_it_stands(bench: Bench, tmp_path: Path) -> None:
    configure(bench, more="layers: {base: {distributions: [alpha]}}\n")
    result = bench.slspack("build")
    assert result.status == 0, result.err
    assert "`layers/base` has 1 file that" in result.err
    pyc = bench.read_from("layers/base", f"python/alpha/__pycache__/__init__.{TAG}.pyc")
    assert code_of(pyc).co_filename == "/opt/python/alpha/__init__.py"
    with zipfile.ZipFile(bench.artifact("layers/base")) as archive:
        archive.extractall(tmp_path / "opt")
    code = f"import sys; sys.path.append({str(tmp_path / 'opt/python')!r}); {CALL}"
    assert call(unpack(bench, tmp_path / "run"), code=code).startswith("['alpha', ['a', 'b c']]")


@pytest.mark.parametrize("sources", ["keep", "drop"])
def test_byte_code_goes_with_the_source_that_is_kept_of_several(bench: Bench, tmp_path: Path, sources: str) -> None:
    """Two distributions bring a namespace's `__init__.py`, and the longer one is kept."""
    assert bench.index
    shared = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    make_wheel(bench.index.folder, "one", files={"space/__init__.py": shared, "space/one.py": "A = 1\n"})
    longer = f"# longer\n{shared}WHO = 'two'\n"
    make_wheel(bench.index.folder, "two", files={"space/__init__.py": longer, "space/two.py": "B = 2\n"})
    app = "import space.one, space.two\ndef handler(*_): return [space.WHO, space.one.A, space.two.B]\n"
    bench.write({"requirements.txt": "one\ntwo\n", "app.py": app})
    (bench.root / "lib/words.py").unlink()
    configure(bench, f"sources: {sources}")
    result = bench.slspack("build")
    assert result.status == 0, result.err
    names = bench.names_in("api")
    assert len(names) == len(set(names))
    assert call(unpack(bench, tmp_path / "run")).startswith("['two', 1, 2] ")


@pytest.mark.parametrize(("sources", "place"), [("keep", f"__pycache__/__init__.{TAG}.pyc"), ("drop", "__init__.pyc")])
def test_a_file_of_the_service_that_a_wheel_has_too(bench: Bench, tmp_path: Path, sources: str, place: str) -> None:
    bench.write({"alpha/__init__.py": "NAME = 'alpha'\n"})
    configure(bench, f"sources: {sources}", more="patterns: ['alpha/**']\nincludeDistributions: [alpha]\n")
    result = bench.slspack("build")
    assert result.status == 0, result.err
    names = bench.names_in("api")
    assert len(names) == len(set(names))
    assert names.count(f"alpha/{place}") == 1
    assert call(unpack(bench, tmp_path / "run")).startswith("['alpha', ")
    bench.write({"alpha/__init__.py": "NAME = 'another'\n"})
    result = bench.slspack("build")
    assert (result.status, "error[SLS0601]: `alpha/__init__.py" in result.err) == (1, True)


@pytest.mark.interpreters
@pytest.mark.parametrize("minor", ["3.8", "3.9", "3.10", "3.12", "3.13"])
@pytest.mark.parametrize("sources", ["keep", "drop"])
def test_interpreters_take_their_byte_code(bench: Bench, tmp_path: Path, minor: str, sources: str) -> None:
    python = find_interpreter(minor)
    configure(bench, f"sources: {sources}, interpreter: {python}", minor=minor)
    bench.build()
    folder = unpack(bench, tmp_path / "run")
    for source in folder.rglob("*.py"):
        source.write_text("raise SystemExit('compiled from source')\n")
    assert call(folder, python).startswith("['alpha', ['a', 'b c']] ")

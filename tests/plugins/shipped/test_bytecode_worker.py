"""Byte code depends on the source, its place and the interpreter, and on nothing that happened before."""

from __future__ import annotations

import ast
import importlib.util
import json
import marshal
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slspack.plugins.shipped.bytecode import worker
from tests.support.interpreters import find_interpreter

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKER = Path(worker.__file__)
CORPUS = sorted(Path(json.__file__).parents[1].glob("[a-j]*.py"))[:40] + sorted(Path(json.__file__).parent.glob("*.py"))
PRELOADED = "import runpy, sys, asyncio, decimal, email.message, unittest; sys.argv[:] = sys.argv[1:]; "
PRELOADED += "runpy.run_path(sys.argv[0], run_name='__main__')"

names = st.sampled_from(["a", "b", "name", "value", "été", "__x"])
plain = st.one_of(
    st.integers(), st.floats(), st.text(max_size=8), st.binary(max_size=8), st.none(), st.booleans(), st.just(...)
)
constants = st.recursive(plain, lambda inner: st.tuples(inner, inner), max_leaves=6)


@st.composite
def modules(draw: st.DrawFn) -> str:
    """A module of functions and classes that share names and constants."""
    lines = []
    shared = draw(st.lists(constants, min_size=1, max_size=4))
    for _ in range(draw(st.integers(1, 4))):
        name, other = draw(names), draw(names)
        constant = draw(st.sampled_from(shared))
        members = draw(st.frozensets(st.one_of(st.text(max_size=3), st.integers(), st.none()), min_size=2))
        lines += [
            f"class {name}:",
            f"    def {other}(self, {name}={constant!r}, *a_, k_=1):",
            f"        {draw(st.text(max_size=9))!r}",
            f"        return [lambda: ({name}, {constant!r}), {other} in {set(members)!r}, f'{{{name}}} {{k_!r}}']",
        ]
    return "\n".join(line.replace("inf", "1e999").replace("nan", "(1e999-1e999)") for line in lines) + "\n"


@given(modules())
@settings(deadline=None, max_examples=200)
def test_what_is_written_is_read_as_it_was_and_written_again_alike(source: str) -> None:
    code = compile(source, "/var/task/m.py", "exec", dont_inherit=True)
    body = worker.canonical(code)
    read = marshal.loads(body)
    assert read == code or "1e999-1e999" in source
    assert worker.canonical(read) == body


@given(modules())
@settings(deadline=None, max_examples=100)
def test_what_else_the_process_refers_to_does_not_count(source: str) -> None:
    before = worker.compiled(source.encode(), "/var/task/m.py", 0)
    held = [sys.intern(text) for text in _strings(source)]
    code = compile(source, "/var/task/m.py", "exec", dont_inherit=True)
    held += [name for name in code.co_names for _ in range(3)]
    assert worker.compiled(source.encode(), "/var/task/m.py", 0) == before
    assert held is not None


def _strings(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return found


def run(python: str | Path, files: Sequence[Path], seed: str, *, preloaded: bool = False) -> dict[str, bytes]:
    """What the worker makes of files, by name, in a process that may have much else in it."""
    given = [(str(path).encode(), path.read_bytes()) for path in files]
    words = ["-c", PRELOADED, str(WORKER)] if preloaded else [str(WORKER)]
    done = subprocess.run(
        [str(python), "-B", "-W", "ignore", *words, "0"],
        input=b"".join(struct.pack("<II", len(path), len(content)) + path + content for path, content in given),
        env={"PYTHONHASHSEED": seed, "HOME": os.devnull},
        capture_output=True,
        check=True,
    )
    found, at = {}, 0
    for path in files:
        good, length = struct.unpack_from("<BI", done.stdout, at)
        assert good
        found[path.name] = done.stdout[at + 5 : at + 5 + length]
        at += 5 + length
    return found


def check_orders(python: str | Path) -> None:
    one = run(python, CORPUS, "1")
    assert run(python, CORPUS[::-1], "2", preloaded=True) == one
    assert {name: code for path in CORPUS[:3] for name, code in run(python, [path], "3").items()} == {
        path.name: one[path.name] for path in CORPUS[:3]
    }


def test_order_seed_and_what_was_imported_before_do_not_count() -> None:
    check_orders(sys.executable)


@pytest.mark.interpreters
@pytest.mark.parametrize("minor", ["3.8", "3.9", "3.10", "3.12", "3.13"])
def test_nor_do_they_in_other_minors(minor: str) -> None:
    python = find_interpreter(minor)
    check = "import json, os, sys; print(os.path.dirname(os.path.dirname(json.__file__)))"
    library = subprocess.run([python, "-I", "-c", check], capture_output=True, text=True, check=True).stdout.strip()
    files = [path for path in sorted(Path(library).glob("[a-t]*.py")) if path.name != "antigravity.py"]
    one = run(python, files, "1")
    assert run(python, files[::-1], "2", preloaded=True) == one


def test_it_says_who_it_is() -> None:
    done = subprocess.run([sys.executable, str(WORKER)], capture_output=True, text=True, check=True)
    name, version, level, magic, path = done.stdout.splitlines()
    assert (name, level, magic) == ("cpython", "final", importlib.util.MAGIC_NUMBER.hex())
    assert version == "{}.{}.{}".format(*sys.version_info)
    assert Path(path).samefile(sys.executable)


@pytest.mark.parametrize("source", [b"{% if a %}", b"\0", b"print 'two'", b"# coding: no-such\n", b"(" * 10_000])
def test_what_is_no_python_is_an_answer(source: bytes) -> None:
    path = b"/var/task/bad.py"
    good = b"x = 1\n"
    frames = b"".join(struct.pack("<II", len(path), len(one)) + path + one for one in (source, good))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(WORKER), "0"], input=frames, capture_output=True, check=True
    )
    state, length = struct.unpack_from("<BI", done.stdout)
    assert state == 0
    assert b"Error: " in done.stdout[5 : 5 + length]
    assert done.stdout[5 + length] == 1


def test_a_format_that_is_unknown_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marshal, "dumps", lambda _: b"?")
    with pytest.raises(worker.UnknownFormatError, match=r"`marshal` wrote an object of the unknown kind '\?'"):
        worker.compiled(b"x = 1\n", "m.py", 0)

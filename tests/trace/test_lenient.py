"""Newer syntax, read by an older Python, gives the facts that a newer one gives."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

from slspack.trace.lenient import repair
from slspack.trace.scan import scan_source
from tests.support.interpreters import find_interpreter
from tests.support.tracing import target

NEWER = '''\
import a
type X = int
type Y[T: (int, str), *Ts, **P] = dict[str, T]
class A[T](Base[T]):
    type Z = A
    def f[K](self, x: K) -> K: import b; return x
    async def g[
        T,
        U: "quoted]",
    ](self): import c
x = f"{x["a"]}" + f'{g('x', f"{y["q"]:>{w}}")!r:>{width}}' "tail"; import d
z = f"""
{x["""q"""]} {{ }} {y:{"a"}} {(lambda: {1: 2})()}
"""; import e
def type(x): return x
type = 3
type (x)
type[int]
w = {type: type for type in [1]}
print(f"{x!r}" f"{", ".join(y)}")
'''
NEWEST = """\
try:
    import d
except ImportError, ValueError:
    import e
try:
    import f
except* KeyError,OSError: import g
def h[K = int](x: K): import i
t = t"hello {world} {x["y"]}"; import j
"""


def test_repaired_source_parses_everywhere_with_the_same_statements() -> None:
    repaired, given_up = repair(NEWER)
    tree = ast.parse(repaired, feature_version=(3, 11))
    assert given_up == ()
    assert [(node.names[0].name, node.lineno) for node in ast.walk(tree) if isinstance(node, ast.Import)] == [
        ("a", 1),
        ("d", 11),
        ("e", 14),
        ("b", 6),
        ("c", 10),
    ]


def test_every_import_keeps_its_place_in_the_newest_syntax() -> None:
    repaired, given_up = repair(NEWEST)
    ast.parse(repaired, feature_version=(3, 11))
    assert given_up == ()
    for line, (old, new) in enumerate(zip(NEWEST.splitlines(), repaired.splitlines(), strict=True), 1):
        if "import" in old:
            assert abs(new.index("import") - old.index("import")) <= (line == 7), (old, new)


def test_source_without_newer_syntax_stays_as_it_is() -> None:
    text = Path(ast.__file__).read_text("utf-8")
    assert repair(text) == (text, ())


def test_an_import_call_that_had_to_be_blanked_is_told() -> None:
    _, given_up = repair("x = 1\ny = t\"{__import__('a')}\"\n")
    assert [(remark.line, remark.column, remark.text) for remark in given_up] == [(2, 8, "__import__")]


def test_what_is_wrong_in_any_version_stays_an_error() -> None:
    repaired, _ = repair("type X = = 1\n")
    with pytest.raises(SyntaxError):
        ast.parse(repaired)


_SCAN = """
import dataclasses, json, sys
from slspack.trace.scan import scan_source
from tests.support.tracing import target
facts = scan_source(sys.stdin.buffer.read(), "x.py", target("python3.13"))
print(json.dumps(dataclasses.asdict(facts), default=sorted))
"""


@pytest.mark.interpreters
@pytest.mark.parametrize("minor", ["3.12", "3.13"])
def test_newer_interpreters_find_the_same_facts(minor: str) -> None:
    here = scan_source(NEWER.encode(), "x.py", target("python3.13"))
    root = Path(__file__).parents[2]
    libraries = sysconfig.get_path("purelib")
    ran = subprocess.run(
        [find_interpreter(minor), "-c", _SCAN],
        input=NEWER.encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root), libraries])},
    )
    there = json.loads(ran.stdout)
    assert [list(fact.values()) for fact in there["imports"]] == [
        [fact.module, fact.level, list(fact.names), fact.optional, fact.deferred, fact.line, fact.column]
        for fact in here.imports
    ]
    assert here.names is not None
    assert there["names"] == sorted(here.names)
    assert there["literals"] == sorted(here.literals)

"""The cheap filter finds at least what the real scan finds."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slspack.errors import SlspackError
from slspack.trace import scan_imports_superset, scan_source
from tests.support.tracing import target

_names = st.from_regex(r"[a-z_]{1,6}", fullmatch=True)
_dotted = st.lists(_names, min_size=1, max_size=3).map(".".join)
_gap = st.sampled_from([" ", "  ", "\t", " \\\n", "\\\n  "])
_statements = st.one_of(
    st.builds("import{}{}".format, _gap, st.lists(_dotted, min_size=1, max_size=3).map(", ".join)),
    st.builds("import {} as x,{}{}".format, _dotted, _gap, _dotted),
    st.builds("from{}{}{}import x".format, _gap, _dotted, _gap),
    st.builds("from {} import (\n  x,\n  y,\n)".format, _dotted),
    st.builds("try: import {}\nexcept ImportError: pass".format, _dotted),
    st.builds("x = 1; import {}; y = 2".format, _dotted),
    st.builds("import importlib as i; i.import_module({}'{}')".format, st.sampled_from(["", "\n ", "name="]), _dotted),
    st.builds('from importlib import import_module as load\nload("{}")'.format, _dotted),
    st.builds('__import__("{}", globals())'.format, _dotted),
    st.builds("import pkgutil\npkgutil.get_data('{}', 'x')".format, _dotted),
    st.just("from . import a"),
    st.just("def f(): pass"),
)


def absolute(content: bytes) -> set[str]:
    facts = scan_source(content, "x.py", target())
    return {fact.module.partition(".")[0] for fact in facts.imports if not fact.level}


@given(st.lists(_statements, max_size=4))
def test_every_absolute_import_is_in_it(statements: list[str]) -> None:
    source = "\n".join(statements)
    try:
        ast.parse(source)
    except SyntaxError:  # a keyword among the generated names
        return
    content = source.encode()
    assert absolute(content) <= scan_imports_superset(content)


def test_it_holds_for_the_standard_library() -> None:
    folder = Path(sysconfig.get_path("stdlib"))
    checked = 0
    for path in sorted(folder.glob("[a-m]*.py"))[:60] + sorted(folder.glob("importlib/**/*.py")):
        content = path.read_bytes()
        try:
            names = absolute(content)
        except SlspackError:
            continue
        assert names <= scan_imports_superset(content), path.name
        checked += 1
    assert checked > 50


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbfimport a.b as c, d # e", {"a", "d"}),
        (b"reimport x\nfromage y\n", set()),
        (b"from .a import b\n", {"b"}),
        ("import caf\xe9".encode(), {"caf\xe9"}),
        (b"x = loader.import_module(name)", set()),
    ],
)
def test_what_is_in_it(content: bytes, expected: set[str]) -> None:
    assert scan_imports_superset(content) == expected

"""Conditions that the target decides, held against what they evaluate to."""

from __future__ import annotations

import ast
import sys
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slspack.trace.conditions import Conditions


def decide(condition: str, python: tuple[int, int] = (3, 13)) -> bool | None:
    return Conditions(python).decide(ast.parse(condition, mode="eval").body)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("sys.version_info >= (3, 13)", True),
        ("sys.version_info > (3, 13)", True),
        ("sys.version_info < (3, 13)", False),
        ("sys.version_info == (3, 13)", False),
        ("sys.version_info[:2] == (3, 13)", True),
        ("sys.version_info[0] == 2", False),
        ("sys.version_info[-5] == 3", True),
        ("sys.version_info.major >= 3 and sys.version_info.minor < 14", True),
        ("(3, 8) <= sys.version_info < (3, 14)", True),
        ("sys.version_info >= (3, 13, 2)", None),
        ("sys.version_info[:3] == (3, 13, 1)", None),
        ("sys.version_info >= (3, 12, 2)", True),
        ("sys.version_info[2] > 1", None),
        ("sys.version_info.micro", None),
        ("sys.platform == 'win32'", False),
        ("sys.platform.startswith('linux')", True),
        ("sys.platform.startswith(('win', 'darwin'))", False),
        ("sys.platform in ('linux', 'darwin')", True),
        ("sys.platform not in {'linux'}", False),
        ("'linux' in sys.platform.lower()", True),
        ("os.name == 'nt'", False),
        ("platform.system() == 'Windows'", False),
        ("platform.python_implementation() != 'CPython'", False),
        ("sys.implementation.name == 'pypy'", False),
        ("platform.machine() == 'x86_64'", None),
        ("os.environ.get('X')", None),
        ("os.environ.get('X') and sys.platform == 'win32'", False),
        ("os.environ.get('X') or sys.platform == 'linux'", True),
        ("os.environ.get('X') or sys.platform == 'win32'", None),
        ("not (sys.platform == 'win32')", True),
        ("not x", None),
        ("__name__ == 'app'", None),
        ("sys.version_info[9]", None),
        ("sys.version_info < 'x'", None),
        ("'a' < 1", None),
    ],
)
def test_decided_for_the_target(condition: str, expected: bool | None) -> None:
    assert decide(condition) is expected


def test_names_are_learnt_from_imports_and_assignments() -> None:
    conditions = Conditions((3, 13))
    (imported,) = ast.parse("import sys as s").body
    (taken,) = ast.parse("from sys import platform as p").body
    assert isinstance(imported, ast.Import)
    assert isinstance(taken, ast.ImportFrom)
    conditions.learn_import(imported.names[0])
    conditions.learn_from("sys", taken.names[0])
    conditions.learn_assignment(ast.Name("WIN"), ast.parse("p == 'win32'", mode="eval").body)
    for condition in ("s.version_info < (3,)", "p == 'darwin'", "WIN", "WIN and unknown"):
        assert conditions.decide(ast.parse(condition, mode="eval").body) is False
    conditions.learn_assignment(ast.Name("WIN"), ast.parse("s.platform == 'linux'", mode="eval").body)
    assert conditions.decide(ast.Name("WIN")) is None


class _Version(NamedTuple):
    major: int
    minor: int
    micro: int
    releaselevel: str
    serial: int


_numbers = st.integers(0, 15)
_bounds = st.lists(_numbers, min_size=1, max_size=3).map(lambda parts: f"({', '.join(map(str, parts))},)")
_comparisons = st.builds(
    "{} {} {}".format,
    st.sampled_from(["sys.version_info", "sys.version_info[:2]", "sys.version_info[:3]", "sys.version_info[:1]"]),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    _bounds,
)
_conditions = st.recursive(
    _comparisons,
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
    ),
    max_leaves=4,
)


@given(_conditions, st.integers(8, 14), st.integers(0, 12))
def test_what_is_decided_is_what_every_patch_level_would_say(condition: str, minor: int, patch: int) -> None:
    version = _Version(3, minor, patch, "final", 0)
    namespace = {"sys": type("sys", (), {"version_info": version})}
    decided = decide(condition, (3, minor))
    assert decided is None or decided is eval(condition, namespace)


def test_the_running_interpreter_agrees() -> None:
    condition = f"sys.version_info >= ({sys.version_info[0]}, {sys.version_info[1]})"
    assert decide(condition, sys.version_info[:2]) is eval(condition, {"sys": sys})

"""Markers and constraints of lock files and project files, against packaging and against Poetry's documented ranges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from slspack.builds.constraints import joined, platform_marker, python_marker, specifiers
from slspack.resolve.locks.markers import any_holds, holds
from slspack.targets import marker_environment
from tests.support.resolving import target_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from slspack.model import Target

TARGETS = [
    target_of(f"python3.{minor}", machine) for minor in (11, 12, 13, 14) for machine in ("x86_64", "arm64")
]  # fmt: skip
EXTRAS = ("fast", "extra-4-shop-old", "group-4-shop-dev")

clauses = st.one_of(
    st.builds(
        "{} {} '{}'".format,
        st.sampled_from(["python_version", "python_full_version"]),
        st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        st.sampled_from(["3.10", "3.11", "3.12", "3.13", "3.14", "3.15"]),
    ),
    st.builds(
        "{} {} '{}'".format,
        st.sampled_from(["sys_platform", "platform_machine", "os_name", "implementation_name"]),
        st.sampled_from(["==", "!="]),
        st.sampled_from(["linux", "win32", "x86_64", "aarch64", "arm64", "posix", "cpython"]),
    ),
)
extra_clauses = st.builds("extra {} '{}'".format, st.sampled_from(["==", "!="]), st.sampled_from(EXTRAS))


def markers(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Clauses joined in any way."""
    return st.recursive(
        leaves,
        lambda inner: st.builds("({}) {} ({})".format, inner, st.sampled_from(["and", "or"]), inner),
        max_leaves=6,
    )


@given(markers(st.one_of(clauses, extra_clauses)), st.sampled_from(TARGETS), st.sampled_from(["", *EXTRAS]))
def test_with_one_extra_a_marker_means_what_packaging_says(marker: str, target: Target, extra: str) -> None:
    environment = {**marker_environment(target), "extra": extra}
    expected = Marker(marker).evaluate(environment)
    assert holds(marker, target, frozenset({extra} if extra else ())) == expected


@given(st.lists(markers(clauses), max_size=4), st.sampled_from(TARGETS))
def test_of_several_markers_one_suffices(stated: list[str], target: Target) -> None:
    environment = {**marker_environment(target), "extra": ""}
    expected = not stated or any(Marker(one).evaluate(environment) for one in stated)
    assert any_holds(stated, target, frozenset()) == expected


def test_several_extras_at_once() -> None:
    both = "extra == 'a' and 'b' == extra"
    assert holds(both, TARGETS[0], frozenset({"a", "b"}))
    assert not holds(both, TARGETS[0], frozenset({"a"}))
    assert holds("extra != 'a' or 'b' != extra", TARGETS[0], frozenset({"a"}))


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        # https://python-poetry.org/docs/dependency-specification/
        ("^1.2.3", [">=1.2.3,<2"]), ("^1.2", [">=1.2,<2"]), ("^1", [">=1,<2"]), ("^0.2.3", [">=0.2.3,<0.3"]),
        ("^0.0.3", [">=0.0.3,<0.0.4"]), ("^0.0", [">=0.0,<0.1"]), ("^0", [">=0,<1"]),
        ("~1.2.3", [">=1.2.3,<1.3"]), ("~1.2", [">=1.2,<1.3"]), ("~1", [">=1,<2"]),
        ("*", [""]), ("1.*", ["==1.*"]), ("1.2.*", ["==1.2.*"]), ("1.2.x", ["==1.2.*"]),
        (">= 1.2", [">=1.2"]), (">=1.2,<2", [">=1.2,<2"]), (">=1.2 <2.0 !=1.5", [">=1.2,<2.0,!=1.5"]),
        ("1.2.3", ["==1.2.3"]), ("=1.2.3", ["==1.2.3"]), ("==1.2.3", ["==1.2.3"]), ("~=1.2", ["~=1.2"]),
        ("^1.0 || ^2.0", [">=1.0,<2", ">=2.0,<3"]), ("<1 | >=2", ["<1", ">=2"]), ("^1.0a1", [">=1.0a1,<2"]),
        ("^1!1.2", [">=1!1.2,<1!2"]),
    ],
)  # fmt: skip
def test_constraints_of_poetry(constraint: str, expected: list[str]) -> None:
    assert list(specifiers(constraint)) == expected
    assert all(isinstance(SpecifierSet(one), SpecifierSet) for one in specifiers(constraint))


@pytest.mark.parametrize("constraint", ["latest", "^", "1.2 beta", "^x"])
def test_what_is_no_constraint(constraint: str) -> None:
    with pytest.raises(ValueError, match="is not a constraint on versions"):
        specifiers(constraint)


@pytest.mark.parametrize(
    ("constraint", "allowed"),
    [
        ("^3.12", (12, 13, 14)), ("<3.12", (11,)), ("<=3.12", (11, 12)), (">3.12", (13, 14)), ("3.11", (11,)),
        ("~3.13", (13,)), ("3.12.*", (12,)), ("*", (11, 12, 13, 14)), (">=3.11,<3.13 || >=3.14", (11, 12, 14)),
        ("!=3.12", (11, 13, 14)), ("~=3.12", (12, 13, 14)), (">=3.11.4", (11, 12, 13, 14)),
    ],
)  # fmt: skip
def test_poetry_s_python_as_a_marker(constraint: str, allowed: tuple[int, ...]) -> None:
    marker = python_marker(constraint)
    assert tuple(minor for minor in (11, 12, 13, 14) if holds(marker, target_of(f"python3.{minor}"))) == allowed


def test_platforms_and_markers_joined() -> None:
    assert holds(platform_marker("linux || darwin"), TARGETS[0])
    assert not holds(platform_marker("win32"), TARGETS[0])
    assert not holds(platform_marker("!=linux"), TARGETS[0])
    assert joined("", "a", "") == "a"
    assert joined("a or b", "c") == "(a or b) and (c)"
    assert joined("", "") == ""

"""`package.patterns`: the last match decides, folders are pruned, and only a name brings back an excluded file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slspack.bundle.patterns import Rules
from slspack.bundle.routes import literal_lead, routes_of
from slspack.globs import compile_glob
from tests.support.plans import patterns


def _added(path: str, *texts: str) -> bool:
    """Whether a walk would reach a file and add it."""
    front = Rules.of(patterns(*texts)).front()
    *folders, name = path.split("/")
    for depth, folder in enumerate(folders):
        entered = front.enter("/".join(folders[: depth + 1]), folder)
        if entered is None:
            return False
        front = entered
    return front.adds(path, name) is not None


@pytest.mark.parametrize(
    ("path", "texts", "added"),
    [
        ("a.txt", [], False),
        ("a.txt", ["*.txt"], True),
        ("a.txt", ["*.txt", "!a.txt"], False),
        ("a.txt", ["!a.txt", "*.txt"], True),
        ("a.txt", ["!**", "a.txt"], True),
        ("a.txt", ["a.txt", "!**"], False),
        ("docs/a.txt", ["docs/**", "!docs/**", "docs/a.txt"], True),
        ("docs/b.txt", ["docs/**", "!docs/**", "docs/a.txt"], False),
        ("docs/a.txt", ["docs"], False),
        ("docs/a.txt", ["docs/"], False),
        ("docs/a.txt", ["**", "!docs"], False),
        ("x/docs/a.txt", ["**", "!**/docs"], False),
        ("docs/a.txt", ["**", "!docs/"], True),
        ("docs/a.txt", ["**", "!d*"], True),
        ("docs/a.txt", ["!docs", "docs/*"], True),
        ("docs/a.txt", ["**", "!*"], True),
    ],
)
def test_the_last_pattern_that_matches_decides(path: str, texts: list[str], added: bool) -> None:
    assert _added(path, *texts) is added


@pytest.mark.parametrize(
    ("path", "text", "added"),
    [
        (".env", "**", False),
        (".env", "*", False),
        (".env", ".*", False),
        ("config/.env", "config/**", False),
        ("config/.env", "config/*", False),
        ("config/.env", "config/.env", True),
        (".env.production", ".env.production", True),
        (".env.production", ".env.*", True),
        (".env.production", "{.env.production,*}", True),
        (".env.staging", "{.env.production,*}", False),
        ("keys/a.pem", "keys/**", False),
        ("keys/a.pem", "keys/*.pem", True),
        ("keys/a.pem", "**/*.pem", True),
        ("keys/a.pem", "keys/@(a|b).pem", True),
        ("keys/a.pem", "keys/!(b)", False),
        ("node_modules/left-pad/index.js", "**", False),
        ("node_modules/left-pad/index.js", "**/*.js", False),
        ("node_modules/left-pad/index.js", "node_modules/left-pad/**", True),
        ("node_modules/left-pad/index.js", "**/node_modules/**", True),
        ("node_modules/left-pad/index.js", "{node_modules,lib}/**/*.js", True),
        ("node_modules/left-pad/test/a.js", "node_modules/left-pad/**", False),
        ("tests/fixtures/a.json", "tests/fixtures/**", True),
        ("tests/fixtures/.env", "tests/fixtures/**", False),
        ("src/tests/fixtures/a.json", "src/**", False),
        ("src/tests/fixtures/a.json", "*/tests/**", True),
        ("serverless.yml", "**", False),
        ("serverless.yml", "serverless.yml", True),
    ],
)
def test_only_a_pattern_that_names_it_brings_back_what_is_excluded_by_default(
    path: str, text: str, added: bool
) -> None:
    assert _added(path, text) is added


def test_an_excluded_file_falls_back_to_an_earlier_pattern_that_names_it() -> None:
    assert _added("keys/a.pem", "keys/a.pem", "**")
    assert not _added("keys/a.pem", "keys/a.pem", "!keys/**", "**")


@pytest.mark.parametrize(
    ("glob", "lead"),
    [("config/prod/*.json", "config/prod"), ("a/b.txt", "a/b.txt"), ("**/a", ""), ("{a,b}/c", ""), ("./a/*", "a")],
)
def test_the_lead_of_a_glob_is_what_it_spells(glob: str, lead: str) -> None:
    assert literal_lead(glob) == lead


names = st.sampled_from(["a", "b", "ab", "a.py", "b.py", "c"])
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
piece = st.sampled_from(["a", "b", ".py", "*", "?", "[ab]", "{a,b}", "{a/b,c}", "@(a|b)", "!(a)", "+(a|b)", "?(a)"])
segment = st.one_of(st.just("**"), st.lists(piece, min_size=1, max_size=3).map("".join))
globs = st.one_of(
    st.lists(segment, min_size=1, max_size=4).map("/".join),
    st.sampled_from(["**.py", "**{.py,a}", "src/{**/,}*.py", "{**/,}a.py", "{a/**,b}/c", "(a|b)?/c", "!(a/b)", "!a"]),
)


@given(globs, paths)
def test_a_route_leads_to_everything_that_a_glob_matches(glob: str, path: str) -> None:
    if not compile_glob(glob).matches(path):
        return
    reached = []
    for route in routes_of(glob):
        positions = route.start()
        for name in path.split("/"):
            positions = route.step(positions, name)
        reached.append(route.accepts(positions))
    assert any(reached)


@given(st.lists(st.tuples(st.booleans(), globs), max_size=5), paths)
def test_a_walk_adds_what_the_last_match_adds(rules: list[tuple[bool, str]], path: str) -> None:
    texts = [glob if include else f"!{glob}" for include, glob in rules]
    deciding = Rules.of(patterns(*texts)).deciding(path)
    assert _added(path, *texts) is (deciding is not None and deciding.include)


@given(st.lists(st.tuples(st.booleans(), globs), max_size=4), globs, paths)
def test_a_pattern_at_the_end_overrules_all_before(rules: list[tuple[bool, str]], last: str, path: str) -> None:
    if compile_glob(last).matches(path) and not last.startswith("!"):
        before = [glob if include else f"!{glob}" for include, glob in rules]
        assert _added(path, *before, last)
        assert not _added(path, *before, last, f"!{last}")

"""Globs against micromatch itself, installed by npm into a temporary folder."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slspack.globs import compile_glob
from tests.bundle.test_globs import RECORDED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.node

SERVER = """
const micromatch = require('micromatch');
require('readline').createInterface({input: process.stdin}).on('line', line => {
  const [glob, paths] = JSON.parse(line);
  console.log(JSON.stringify(micromatch(paths, [glob], {dot: true})));
});
"""


@pytest.fixture(scope="module")
def micromatch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, list[str]], list[str]]]:
    folder = tmp_path_factory.mktemp("micromatch")
    wanted = f"micromatch@{RECORDED['micromatch']}"
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent", wanted], cwd=folder, check=True)
    process = subprocess.Popen(
        ["node", "-e", SERVER], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    with process as server:
        assert server.stdin is not None
        assert server.stdout is not None
        asked, answers = server.stdin, server.stdout

        def ask(glob: str, paths: list[str]) -> list[str]:
            asked.write(json.dumps([glob, paths]) + "\n")
            asked.flush()
            answer: list[str] = json.loads(answers.readline())
            return answer

        yield ask


plain = st.sampled_from(["a", "b", "ab", ".py", ".env", "-", "é", "tests"])
wild = st.sampled_from(["*", "?", "[ab]", "[^ab]", "[a-c]", "[!a]"])
piece = st.one_of(plain, wild)
alternative = st.lists(piece, min_size=1, max_size=2).map("".join)
braces = st.lists(alternative, min_size=2, max_size=3).map(lambda items: "{" + ",".join(items) + "}")
choice = st.lists(plain, min_size=1, max_size=3, unique=True).map("|".join)
group = st.tuples(st.sampled_from("@?!"), choice).map(lambda item: f"{item[0]}({item[1]})")
segment = st.one_of(st.just("**"), st.lists(st.one_of(plain, wild, braces, group), min_size=1, max_size=3).map("".join))
globs = st.lists(segment, min_size=1, max_size=4).map("/".join)
names = st.sampled_from(["a", "b", "ab", "c", "a.py", "b.py", "a.b.py", ".env", ".env.py", "tests", "a-b", "[ab]", "é"])
paths = st.lists(st.lists(names, min_size=1, max_size=4).map("/".join), min_size=1, max_size=30, unique=True)


@settings(max_examples=3000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(glob=globs, candidates=paths)
def test_generated_globs_match_what_micromatch_matches(
    micromatch: Callable[[str, list[str]], list[str]], glob: str, candidates: list[str]
) -> None:
    compiled = compile_glob(glob)
    assert [path for path in candidates if compiled.matches(path)] == micromatch(glob, candidates)


def test_the_record_is_what_micromatch_answers(micromatch: Callable[[str, list[str]], list[str]]) -> None:
    for glob, matched in RECORDED["cases"]:
        assert sorted(micromatch(glob, RECORDED["paths"])) == sorted(matched), glob

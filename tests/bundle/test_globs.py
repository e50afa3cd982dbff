"""Globs match what micromatch matches: recorded answers, and laws."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slspack.globs import compile_glob


class Recorded(TypedDict):
    micromatch: str
    paths: list[str]
    cases: list[tuple[str, list[str]]]


RECORDED: Recorded = json.loads(Path(__file__).with_name("micromatch.json").read_text("utf-8"))


def _matched(glob: str) -> list[str]:
    compiled = compile_glob(glob)
    return [path for path in RECORDED["paths"] if compiled.matches(path)]


@pytest.mark.parametrize(("glob", "matched"), RECORDED["cases"])
def test_matches_what_micromatch_matches(glob: str, matched: list[str]) -> None:
    assert _matched(glob) == matched


def test_the_record_is_worth_its_name() -> None:
    assert len(RECORDED["cases"]) >= 150
    assert sum(1 for _, matched in RECORDED["cases"] if matched) >= 130


def test_a_glob_that_makes_no_sense_matches_only_what_it_spells() -> None:
    assert compile_glob("[z-a]").matches("[z-a]")
    assert not compile_glob("[z-a]").matches("b")
    assert not compile_glob("").matches("a")


parts = st.text(st.sampled_from("abc._-[]{}()!+@?*$^ é"), min_size=1, max_size=5).filter(lambda p: p not in {".", ".."})
paths = st.lists(parts, min_size=1, max_size=4).map("/".join)


@given(paths)
def test_every_path_matches_itself_and_the_glob_for_everything(path: str) -> None:
    assert compile_glob(path).matches(path)
    assert compile_glob("**").matches(path)
    assert compile_glob("**/*").matches(path)


@given(st.text(st.sampled_from("abc_-"), min_size=1, max_size=5), paths)
def test_a_deep_glob_matches_exactly_what_stands_below(folder: str, path: str) -> None:
    assert compile_glob(f"{folder}/**").matches(f"{folder}/{path}")
    assert not compile_glob(f"{folder}/**").matches(f"{folder}x/{path}")


@given(st.text(st.sampled_from("ab/.*?[]^!{},()|@+\\-"), max_size=12))
def test_any_text_compiles(glob: str) -> None:
    assert compile_glob(glob).text == glob

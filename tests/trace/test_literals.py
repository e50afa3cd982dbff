"""Strings that may name files."""

from __future__ import annotations

import pytest

from slspack.trace.literals import path_literals


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('open("data/prices.csv")', {"data/prices.csv"}),
        ("x = 'templates' # not \"this\" nor 'that'", {"templates"}),
        ('"""a docstring with "quoted" words"""\nx = "b"', {"b"}),
        ("'''x 'y' z'''\nx = 'b'", {"b"}),
        ('f"{root}/config.json"', {"config.json"}),
        ('f"data/{name}.json"', {"data", ".json"}),
        ('"./a.txt" + "../../b.txt" + "/c/d/"', {"a.txt", "b.txt", "c/d"}),
        ('"/var/task/model.bin"', {"model.bin"}),
        ('"two words" + "a\\tb" + ""', set()),
        ('r"\\d" + b"raw.bin"', {"raw.bin"}),
        ('"it\'s" + "x"', {"x"}),
        ('"." + ".." + "./" + "/"', set()),
        ("caf\xe9 = 'm\xfcnchen.csv'", {"m\xfcnchen.csv"}),
    ],
)
def test_literals_by_shape(source: str, expected: set[str]) -> None:
    assert path_literals(source) == expected

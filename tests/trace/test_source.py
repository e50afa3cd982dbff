"""Sources become trees whatever else the process does."""

from __future__ import annotations

import ast
import gc
from typing import TYPE_CHECKING

import pytest

from slspack.trace.source import parse

if TYPE_CHECKING:
    from collections.abc import Iterator


def _parse_below(depth: int) -> None:
    if depth:
        _parse_below(depth - 1)
    else:
        ast.parse("a = 1")


@pytest.fixture
def disturbances() -> Iterator[list[str]]:
    """Another `ast.parse`, deeper in the stack, in the midst of the first collections of garbage."""
    seen: list[str] = []

    def disturb(phase: str, _: dict[str, int]) -> None:
        if phase == "start" and len(seen) < 10:
            seen.append(phase)
            _parse_below(30)

    threshold = gc.get_threshold()
    gc.callbacks.append(disturb)
    gc.set_threshold(50)
    yield seen
    gc.callbacks.remove(disturb)
    gc.set_threshold(*threshold)


def test_a_parse_in_the_midst_of_another_disturbs_neither(disturbances: list[str]) -> None:
    text = "\n".join(f"def f{i}(a):\n    return [a, {{'x': a * {i}}}]" for i in range(400))
    tree, given_up = parse(text, "app.py", (3, 11))
    assert len(tree.body) == 400
    assert given_up == ()
    assert disturbances

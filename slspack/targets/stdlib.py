"""The standard library's top-level modules of each minor version."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


@cache
def stdlib_modules(python: tuple[int, int]) -> frozenset[str]:
    """The names that `import` finds in the standard library of that minor, whatever Python runs slspack."""
    table: dict[str, list[str]] = json.loads(files(__package__).joinpath("stdlib.json").read_text("utf-8"))
    return frozenset(table["every"]) | frozenset(table.get(f"{python[0]}.{python[1]}", ()))


def is_stdlib(module: str, python: tuple[int, int]) -> bool:
    """Whether a dotted module name belongs to the standard library of that minor."""
    return module.partition(".")[0] in stdlib_modules(python)

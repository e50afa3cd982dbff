"""The standard library's top-level modules of each minor version."""

from __future__ import annotations

import json
from functools import cache
from pkgutil import get_data

COMPLETED_BY = {"zoneinfo": "tzdata"}
"""Modules of the standard library that take their data from a module of a distribution, where the system has none.

Lambda's images hold no time zones from python3.12 on. <https://docs.python.org/3/library/zoneinfo.html#data-sources>
"""


@cache
def stdlib_modules(python: tuple[int, int]) -> frozenset[str]:
    """The names that `import` finds in the standard library of that minor, whatever Python runs slspack."""
    table: dict[str, list[str]] = json.loads(get_data(__name__, "stdlib.json") or b"")
    return frozenset(table["every"]) | frozenset(table.get(f"{python[0]}.{python[1]}", ()))


def is_stdlib(module: str, python: tuple[int, int]) -> bool:
    """Whether a dotted module name belongs to the standard library of that minor."""
    return module.partition(".")[0] in stdlib_modules(python)

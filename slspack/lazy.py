"""Packages whose names are imported when somebody asks for them, so that a command loads only what it runs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def exports(package: str, homes: Mapping[str, tuple[str, ...]]) -> Callable[[str], object]:
    """A package's `__getattr__` (PEP 562): `homes` says which names each of its modules has.

    The package's own `if TYPE_CHECKING` block imports the same names, for type checkers and readers.
    """
    places = {name: home for home, names in homes.items() for name in names}

    def get(name: str) -> object:
        home = places.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{home}"), name)

    return get

"""A plugin that was loaded, and what its hooks took."""

from __future__ import annotations

from dataclasses import dataclass as mutable
from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.model import Digest


class Origin(Enum):
    """Where a plugin comes from."""

    SHIPPED = "slspack's own"
    INSTALLED = "installed"
    FILE = "file"


@mutable(slots=True)
class Spent:
    """What a plugin's hooks have taken so far."""

    calls: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """One plugin, ready to be called."""

    name: str
    version: str
    origin: Origin
    place: str
    """The distribution, or the file."""
    target: object = field(repr=False)
    """The object whose methods, or the module whose functions, are its hooks."""
    schema: type | None
    """The dataclass of its options."""
    key: Digest
    """Of its code and its options."""
    hooks: tuple[str, ...]
    seconds: float
    """How long it took to load."""
    files: Mapping[str, str]
    """The sha256 of each file of its code, by absolute path."""
    spent: Spent = field(default_factory=Spent)

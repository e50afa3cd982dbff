"""What tests ask of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.store.census import stored_objects
from slspack.store.receipt import SUFFIX

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.store import Store


def files_in(store: Store) -> list[Path]:
    """Every file of the store that holds content, whole or not: no locks, receipts or tags."""
    kept = {store.path(each.kind, each.key) for each in stored_objects(store)}
    scratch = set(store.base.glob("sessions/*.d/**/*"))
    others = {path for path in store.base.glob("*/*/*") if path.suffix != SUFFIX}
    return sorted(path for path in kept | scratch | others if path.is_file())

"""What the store holds, by its files' metadata alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import Digest
from slspack.store.kind import Kind
from slspack.store.receipt import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slspack.store.store import Store


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object: its size in bytes, and when it was last used, in nanoseconds by the file system's clock."""

    kind: Kind
    key: Digest
    size: int
    used: int


@dataclass(frozen=True, slots=True)
class KindTotal:
    """How many objects of a kind there are, and their size in bytes."""

    kind: Kind
    objects: int
    bytes: int


def stored_objects(store: Store) -> Iterator[StoredObject]:
    """Every object, sorted by kind and key."""
    for kind in Kind:
        for shard in _folders(store.base / kind.value):
            states = {entry.name: entry.stat() for entry in _entries(shard)}
            for name in sorted(states):
                if name.endswith(SUFFIX):
                    continue
                used = states.get(name + SUFFIX, states[name]).st_mtime_ns
                yield StoredObject(kind, Digest(shard.name + name), states[name].st_size, used)


def orphans(store: Store) -> Iterator[Path]:
    """Receipts without an object, which a process killed between two removals leaves."""
    for kind in Kind:
        for shard in _folders(store.base / kind.value):
            names = {entry.name for entry in _entries(shard)}
            yield from (shard / name for name in sorted(names) if name.removesuffix(SUFFIX) not in names)


def totals(store: Store) -> tuple[KindTotal, ...]:
    """Count and size of each kind."""
    found = list(stored_objects(store))
    by_kind = {kind: [each.size for each in found if each.kind is kind] for kind in Kind}
    return tuple(KindTotal(kind, len(sizes), sum(sizes)) for kind, sizes in by_kind.items())


def _folders(path: Path) -> list[Path]:
    try:
        return sorted(path / entry.name for entry in os.scandir(path) if entry.is_dir())
    except FileNotFoundError:
        return []


def _entries(shard: Path) -> list[os.DirEntry[str]]:
    """The files of a shard that are still there once their metadata is asked for."""
    found = []
    for entry in os.scandir(shard):
        try:
            entry.stat()
        except FileNotFoundError:
            continue
        found.append(entry)
    return found

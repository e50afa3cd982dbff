"""Keeps the store within bounds: what was used least recently goes first, what is in use stays."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.store.census import StoredObject, orphans, stored_objects
from slspack.store.kind import OUTPUTS
from slspack.store.receipt import read_receipt
from slspack.store.renaming import remove
from slspack.store.session import sweep, sweep_locks
from slspack.store.store import TOUCH_INTERVAL, discard

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from slspack.model import Digest
    from slspack.store.limits import Limits
    from slspack.store.store import Store

_BATCH = 200
"""Removals between which other processes may pass the gate."""
_INTERVAL = 24 * 3600 * 10**9
"""Nanoseconds between automatic prunings."""


@dataclass(frozen=True, slots=True)
class Pruning:
    """What a pruning removed, what it would have removed were it not in use, and what is left, in bytes."""

    removed: tuple[StoredObject, ...]
    in_use: tuple[StoredObject, ...]
    left: int

    @property
    def removed_bytes(self) -> int:
        """The size of what was removed."""
        return sum(each.size for each in self.removed)


def prune(store: Store, limits: Limits, *, rehearse: bool = False) -> Pruning:
    """Remove what is beyond the limits, and what killed processes left. With `rehearse`, only say what would go."""
    with store.changing() as now:
        living = sweep(store.base / "sessions", now)
        sweep_locks(store.base / "locks")
    found = sorted(stored_objects(store), key=lambda each: (each.used, each.kind.value, each.key))
    kept_versions, old_versions = _versions_by_use(store, limits.max_versions)
    doomed = _beyond(found, limits, now, outputs_before=kept_versions)
    if rehearse:
        removed = [each for each in doomed if each.used < _first_use(living, now)]
    else:
        removed = _remove(store, doomed)
        _remove_leftovers(store, old_versions)
    gone = set(removed)
    left = sum(each.size for each in found) - sum(each.size for each in removed)
    return Pruning(tuple(removed), tuple(each for each in doomed if each not in gone), left)


def tidy(store: Store, limits: Limits) -> Pruning | None:
    """Prune after a build that added something, at most once a day. Never fails: the next build will try again."""
    if not store.wrote:
        return None
    stamp = store.base / "pruned"
    try:
        with store.changing() as now:
            with suppress(FileNotFoundError):
                if now - stamp.stat().st_mtime_ns < _INTERVAL:
                    return None
            stamp.unlink(missing_ok=True)
            stamp.touch()
        return prune(store, limits)
    except OSError:
        return None


def note_version(store: Store, requirements: Digest) -> None:
    """Note that a set of requirements is built in this session, for `staticCacheMaxVersions`."""
    path = store.base / "versions" / requirements
    started = store.started
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, ns=(started, started))


def _versions_by_use(store: Store, count: int | None) -> tuple[int, list[Path]]:
    """The time before which the last `count` requirement sets used no output, and the sets older than those."""
    noted = store.base / "versions"
    paths = list(noted.iterdir()) if count and noted.is_dir() else []
    newest = sorted(((path.stat().st_mtime_ns, path) for path in paths), reverse=True)
    if count is None or len(newest) <= count:
        return 0, []
    return newest[count - 1][0] - TOUCH_INTERVAL, [path for _, path in newest[count:]]


def _beyond(found: Sequence[StoredObject], limits: Limits, now: int, *, outputs_before: int) -> list[StoredObject]:
    oldest = now - limits.max_age * 10**9 if limits.max_age is not None else 0
    size = sum(each.size for each in found)
    doomed: list[StoredObject] = []
    for each in found:
        too_much = limits.max_size is not None and size > limits.max_size
        superseded = each.kind in OUTPUTS and each.used < outputs_before
        if too_much or superseded or each.used < oldest:
            doomed.append(each)
            size -= each.size
    return doomed


def _first_use(living: Iterable[int], now: int) -> int:
    """What was used since then may be in use: every session notes what it uses unless that was noted shortly before."""
    oldest = min(living, default=None)
    return now + 1 if oldest is None else oldest - TOUCH_INTERVAL


def _remove(store: Store, doomed: Sequence[StoredObject]) -> list[StoredObject]:
    removed: list[StoredObject] = []
    for start in range(0, len(doomed), _BATCH):
        with store.changing() as now:
            first_use = _first_use(sweep(store.base / "sessions", now), now)
            for each in doomed[start : start + _BATCH]:
                path = store.path(each.kind, each.key)
                dated = read_receipt(path)
                used = dated.used if dated else each.used
                if used < first_use and used <= each.used and discard(path):
                    removed.append(each)
    return removed


def _remove_leftovers(store: Store, old_versions: Iterable[Path]) -> None:
    with store.changing():
        for path in (*orphans(store), *old_versions):
            remove(path)

"""What a build does for the store when it is done: it keeps it within the bounds that the service and its user set."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from slspack.keys import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.model import Digest, Lock
    from slspack.store import Limits, Store


def keep_within_bounds(store: Store, limits: Limits, locks: Iterable[Lock]) -> None:
    """Prune the store if this build added to it. Never fails: what fails is tried again after the next build."""
    if limits.max_versions is None and not store.wrote:
        return
    from slspack.store.prune import note_version, tidy

    if limits.max_versions is not None:
        with suppress(OSError):
            for version in sorted({_version(lock) for lock in locks}):
                note_version(store, version)
    tidy(store, limits)


def _version(lock: Lock) -> Digest:
    return key_of("requirement-set", sorted(each.wheel.sha256 for each in lock.distributions))

"""Which wheels of a page were chosen, kept by the page's content: large ones take long to read, and seldom change."""

from __future__ import annotations

import json
from contextlib import suppress
from operator import attrgetter
from typing import TYPE_CHECKING

from slspack.keys import key_of
from slspack.registry import IndexFile
from slspack.store import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.model import Digest, Target
    from slspack.registry.offers import Offer
    from slspack.store import Store

_FIELDS = ("filename", "url", "sha256", "size", "requires_python", "yanked", "metadata_sha256", "uploaded")
_values = attrgetter(*_FIELDS)


def choice_key(offer: Offer, bounds: Iterable[str], excluded: Iterable[str], target: Target) -> Digest | None:
    """The key of a choice and all that it depends on; None for an offer that has no mark."""
    return offer.mark and key_of("choice/1", offer.mark, sorted(bounds), sorted(excluded), target)


def read_choice(store: Store, key: Digest | None) -> tuple[IndexFile, ...]:
    """The wheels that were chosen, all of one version; none where nothing was kept."""
    content = store.read(Kind.RESOLUTION, key) if key else None
    try:
        return tuple(IndexFile(*values) for values in json.loads(content or b"[]"))
    except (ValueError, TypeError):
        return ()


def keep_choice(store: Store, key: Digest | None, files: Iterable[IndexFile]) -> None:
    """Keep a choice; where nothing can be written, nothing is kept."""
    if key:
        with suppress(OSError):
            store.write(Kind.RESOLUTION, key, json.dumps([_values(file) for file in files]).encode())

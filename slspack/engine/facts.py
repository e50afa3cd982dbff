"""The facts of sources, kept in the service's database by content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from typing import TYPE_CHECKING

from slspack.engine.codec import NotOursError, decode, encode
from slspack.model import Digest
from slspack.trace import SourceFacts
from slspack.trace.scanner import source_key

if TYPE_CHECKING:
    from slspack.engine.database import Database
    from slspack.model import Target

_KIND = "facts"
_SPARE = 1000
"""So many facts of earlier contents are kept in any service."""


class KeptFacts(MutableMapping[Digest, SourceFacts]):
    """A memo for `Scanner`. New facts are written by `flush`, all at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[Digest, SourceFacts] = {}
        self._new: set[Digest] = set()
        self._learnt = False

    def __getitem__(self, key: Digest) -> SourceFacts:
        known = self._known.get(key)
        if known is None:
            content = self._database.get(_KIND, key)
            try:
                known = decode(content, SourceFacts) if content else None
            except NotOursError:
                known = None
            if known is None:
                raise KeyError(key)
            self._known[key] = known
        return known

    def __setitem__(self, key: Digest, facts: SourceFacts) -> None:
        self._known[key] = facts
        self._new.add(key)

    def __delitem__(self, key: Digest) -> None:
        del self._known[key]
        self._new.discard(key)

    def __iter__(self) -> Iterator[Digest]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def prune(self, contents: Iterable[Digest], targets: Iterable[Target]) -> None:
        """Forget what no source has said for long, once that is more than what the sources of today say.

        `contents` are theirs. Facts of before stay until then: edits are undone, and branches left and taken again.
        """
        if not self._learnt:
            return
        self._learnt = False
        pythons = {target.python: target for target in targets}
        today = tuple(contents)
        self._database.prune(
            _KIND,
            2 * len(today) * len(pythons) + _SPARE,
            lambda: {source_key(content, target) for content in today for target in pythons.values()},
        )

    def flush(self) -> None:
        """Keep what was learnt since the last time."""
        if self._new:
            self._learnt = True
            self._database.put((_KIND, key, encode(self._known[key])) for key in sorted(self._new))
            self._new.clear()

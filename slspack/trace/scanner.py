"""What has been scanned and resolved already, so that functions which share code share the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.errors import SlspackError
from slspack.keys import key_of
from slspack.model import Digest
from slspack.trace.facts import FACTS_VERSION, SourceFacts

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from slspack.model import Function, LocalPackage, Target
    from slspack.trace.edges import ModuleIndex
    from slspack.tree import ServiceTree


class Scanner:
    """Remembers the facts of sources by their content and the target's Python: in `memo`, if one is given.

    It also keeps what imports lead to in the service that was traced last, as long as the same `ServiceTree` comes.
    """

    def __init__(self, memo: MutableMapping[Digest, SourceFacts] | None = None) -> None:
        self._memo: MutableMapping[Digest, SourceFacts] = {} if memo is None else memo
        self._tree: ServiceTree | None = None
        self._indexes: dict[tuple[tuple[str, ...], Target, tuple[LocalPackage, ...]], ModuleIndex] = {}
        self._compared_in: ServiceTree | None = None
        self._compared: dict[tuple[str, str, tuple[int, int]], bool] = {}

    def scan(self, path: str, tree: ServiceTree, target: Target) -> SourceFacts:
        """The facts of a source; it is read only if they are not remembered for its content.

        Raises as `scan_source` does; a failure is not remembered.
        """
        key = source_key(tree.source(path).sha256, target)
        facts = self._memo.get(key)
        if facts is None:
            from slspack.trace.scan import scan_source

            facts = self._memo[key] = scan_source(tree.read(path), path, target)
        return facts

    def says_as_before(self, path: str, before: str, tree: ServiceTree, target: Target) -> bool:
        """Whether a source that was edited has the facts still that it had with the sha256 `before`.

        Then whatever was traced through it holds: most edits touch no import and add no name.
        """
        question = (path, before, target.python)
        if self._compared_in is not tree:
            self._compared_in, self._compared = tree, {}
        if question not in self._compared:
            self._compared[question] = self._says_as_before(path, Digest(before), tree, target)
        return self._compared[question]

    def _says_as_before(self, path: str, before: Digest, tree: ServiceTree, target: Target) -> bool:
        known = self._memo.get(source_key(before, target))
        try:
            return known is not None and self.scan(path, tree, target) == known
        except SlspackError:
            return False  # tracing will say it, with all else that is wrong

    def index(self, tree: ServiceTree, function: Function) -> ModuleIndex:
        """The index that a function shares with all others of its source roots and target."""
        if tree is not self._tree:
            self._tree, self._indexes = tree, {}
        key = (function.source_roots, function.target, function.packages)
        if key not in self._indexes:
            from slspack.trace.edges import ModuleIndex

            self._indexes[key] = ModuleIndex(tree, function, self)
        return self._indexes[key]


def source_key(content: Digest, target: Target) -> Digest:
    """Under which the facts of a source are remembered."""
    return key_of("source-facts", FACTS_VERSION, content, target.python)

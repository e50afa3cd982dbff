"""What has been scanned and resolved already, so that functions which share code share the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.keys import key_of
from slspack.trace.edges import ModuleIndex
from slspack.trace.facts import FACTS_VERSION, SourceFacts
from slspack.trace.scan import scan_source

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from slspack.model import Digest, Function, LocalPackage, Target
    from slspack.tree import ServiceTree


class Scanner:
    """Remembers the facts of sources by their content and the target's Python: in `memo`, if one is given.

    It also keeps what imports lead to in the service that was traced last, as long as the same `ServiceTree` comes.
    """

    def __init__(self, memo: MutableMapping[Digest, SourceFacts] | None = None) -> None:
        self._memo: MutableMapping[Digest, SourceFacts] = {} if memo is None else memo
        self._tree: ServiceTree | None = None
        self._indexes: dict[tuple[tuple[str, ...], Target, tuple[LocalPackage, ...]], ModuleIndex] = {}

    def scan(self, path: str, tree: ServiceTree, target: Target) -> SourceFacts:
        """The facts of a source; it is read only if they are not remembered for its content.

        Raises as `scan_source` does; a failure is not remembered.
        """
        key = key_of("source-facts", FACTS_VERSION, tree.source(path).sha256, target.python)
        facts = self._memo.get(key)
        if facts is None:
            facts = self._memo[key] = scan_source(tree.read(path), path, target)
        return facts

    def index(self, tree: ServiceTree, function: Function) -> ModuleIndex:
        """The index that a function shares with all others of its source roots and target."""
        if tree is not self._tree:
            self._tree, self._indexes = tree, {}
        key = (function.source_roots, function.target, function.packages)
        if key not in self._indexes:
            self._indexes[key] = ModuleIndex(tree, function, self)
        return self._indexes[key]

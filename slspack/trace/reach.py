"""Distances from roots through requirements and optional imports: what a set of distributions brings with it."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from slspack.frozen import dataclass
from slspack.model import Location, Reason, ReasonKind
from slspack.trace.needs import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.model import DistName
    from slspack.trace.needs import Need, Needs

Reached = dict[Node, int]
"""Every node that is reached, with the length of the shortest chain to it."""

_ORDER = {kind: place for place, kind in enumerate(ReasonKind)}
_SortKey = tuple[int, str, str, str, int]


class RankedReason(NamedTuple):
    """A reason and the length of the chain that it ends; compares so that the shortest chain comes first."""

    distance: int
    key: _SortKey
    reason: Reason

    @classmethod
    def at(cls, distance: int, reason: Reason) -> RankedReason:
        """A reason at its distance from the handler."""
        return cls(distance, _sort_key(reason), reason)


def shortest_first(ranked: list[RankedReason]) -> tuple[Reason, ...]:
    """Reasons in their order."""
    return tuple(one.reason for one in sorted(ranked, key=itemgetter(0, 1)))


def _sort_key(reason: Reason) -> _SortKey:
    at = reason.location or Location("")
    return (_ORDER[reason.kind], reason.source, reason.detail, at.path, at.line)


@dataclass(frozen=True, slots=True)
class OptionalEdge:
    """An import in a wheel's own source of another distribution that the user listed."""

    importer: DistName
    imported: DistName
    detail: str
    location: Location
    """Inside the importer's wheel, as installed."""


class Walk:
    """What can be reached in one lock, without the barred distributions and with the given optional edges.

    The reach of each distribution is found once; the reach of several is the union, at the shorter distance.
    """

    def __init__(
        self, needs: Needs, present: frozenset[DistName], optional: Mapping[DistName, tuple[OptionalEdge, ...]]
    ) -> None:
        self._needs = needs
        self._present = present
        self._optional = optional
        self._reach: dict[DistName, Reached] = {}
        self._brought: dict[Node, tuple[tuple[DistName, _SortKey, Reason], ...]] = {}

    @property
    def is_plain(self) -> bool:
        """Whether there are no optional edges."""
        return not self._optional

    def reach(self, roots: Mapping[DistName, int]) -> Reached:
        """Every node that the roots lead to; `roots` gives how far each is from the handler."""
        found: Reached = {}
        for root, start in sorted(roots.items(), key=itemgetter(1, 0)):
            if found.get(Node(root), start + 1) <= start:
                continue  # all that it leads to is reached at least as soon from an earlier one
            for node, steps in self._from(root).items():
                distance = start + steps
                if found.get(node, distance + 1) > distance:
                    found[node] = distance
        return found

    def reasons(self, reached: Reached) -> Mapping[DistName, list[RankedReason]]:
        """Why other distributions in `reached` bring each in."""
        found: dict[DistName, list[RankedReason]] = {}
        for node, distance in reached.items():
            for name, key, reason in self._brings(node):
                found.setdefault(name, []).append(RankedReason(distance + 1, key, reason))
        return found

    def unmet(self, reached: Reached) -> tuple[Need, ...]:
        """The requirements of what is reached that nothing present fulfils."""
        return tuple(need for node in reached for need in self._needs.of(node) if need.name not in self._present)

    def _brings(self, node: Node) -> tuple[tuple[DistName, _SortKey, Reason], ...]:
        """Who else a node brings in, and the reason that this is."""
        known = self._brought.get(node)
        if known is None:
            reasons = [
                (need.name, Reason(ReasonKind.REQUIRES, node.name, need.text))
                for need in self._needs.of(node)
                if need.name in self._present and need.name != node.name
            ]
            reasons += [
                (edge.imported, Reason(ReasonKind.OPTIONAL_IMPORT, node.name, edge.detail, edge.location))
                for edge in self._edges(node)
            ]
            known = self._brought[node] = tuple((name, _sort_key(reason), reason) for name, reason in reasons)
        return known

    def _from(self, root: DistName) -> Reached:
        known = self._reach.get(root)
        if known is not None:
            return known
        found: Reached = {}
        ring = [Node(root)] if root in self._present else []
        distance = 0
        while ring:
            following: list[Node] = []
            for node in self._with_extras(ring):
                if node not in found:
                    found[node] = distance
                    following.extend(self._next(node))
            ring = following
            distance += 1
        self._reach[root] = found
        return found

    def _with_extras(self, ring: list[Node]) -> Iterator[Node]:
        for node in ring:
            yield node
            if not node.extra:
                yield from (Node(node.name, extra) for extra in self._needs.listed_extras(node.name))

    def _next(self, node: Node) -> Iterator[Node]:
        for need in self._needs.of(node):
            if need.name in self._present:
                yield from need.nodes
        for edge in self._edges(node):
            yield Node(edge.imported)

    def _edges(self, node: Node) -> tuple[OptionalEdge, ...]:
        edges = self._optional.get(node.name, ()) if not node.extra else ()
        return tuple(edge for edge in edges if edge.imported in self._present)

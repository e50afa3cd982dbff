"""Distances from roots through requirements and optional imports: what a set of distributions brings with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slspack.model import Location, Reason, ReasonKind
from slspack.trace.needs import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.model import DistName
    from slspack.trace.needs import Need, Needs

Reached = dict[Node, int]
"""Every node that is reached, with the length of the shortest chain to it."""

_ORDER = {kind: place for place, kind in enumerate(ReasonKind)}


@dataclass(frozen=True, slots=True)
class RankedReason:
    """A reason and the length of the chain that it ends."""

    distance: int
    reason: Reason

    def key(self) -> tuple[int, int, str, str, str, int]:
        """What reasons are sorted by: the shortest chain first."""
        at = self.reason.location or Location("")
        return (self.distance, _ORDER[self.reason.kind], self.reason.source, self.reason.detail, at.path, at.line)


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
        self._reasons: dict[frozenset[tuple[Node, int]], dict[DistName, tuple[RankedReason, ...]]] = {}

    def reach(self, roots: Mapping[DistName, int]) -> Reached:
        """Every node that the roots lead to; `roots` gives how far each is from the handler."""
        found: Reached = {}
        for root, start in roots.items():
            for node, steps in self._from(root).items():
                distance = start + steps
                if distance < found.get(node, distance + 1):
                    found[node] = distance
        return found

    def reasons(self, reached: Reached) -> Mapping[DistName, tuple[RankedReason, ...]]:
        """Why other distributions in `reached` bring each in, the shortest chain's first."""
        key = frozenset(reached.items())
        if key not in self._reasons:
            found: dict[DistName, list[RankedReason]] = {}
            for node, distance in reached.items():
                for need in self._needs.of(node):
                    if need.name in self._present and need.name != node.name:
                        reason = Reason(ReasonKind.REQUIRES, node.name, need.text)
                        found.setdefault(need.name, []).append(RankedReason(distance + 1, reason))
                for edge in self._edges(node):
                    reason = Reason(ReasonKind.OPTIONAL_IMPORT, node.name, edge.detail, edge.location)
                    found.setdefault(edge.imported, []).append(RankedReason(distance + 1, reason))
            self._reasons[key] = {name: tuple(sorted(all_, key=RankedReason.key)) for name, all_ in found.items()}
        return self._reasons[key]

    def unmet(self, reached: Reached) -> tuple[Need, ...]:
        """The requirements of what is reached that nothing present fulfils."""
        return tuple(need for node in reached for need in self._needs.of(node) if need.name not in self._present)

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

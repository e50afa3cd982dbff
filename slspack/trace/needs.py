"""What each distribution of a lock requires on the target, extras propagated."""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

from packaging.markers import InvalidMarker, Marker

from slspack.frozen import dataclass
from slspack.model import dist_name
from slspack.targets import marker_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.model import DistName, Lock, WheelFacts

# PEP 508, of which only the name, the extras and the marker matter here: the lock has decided the version. A URL may
# hold a semicolon, so the marker after one begins behind a blank.
_REQUIREMENT = re.compile(
    r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?"
    r"(?P<version>\s*@\s*\S+|[^;]*)(?:\s*;(?P<marker>.*))?",
    re.DOTALL,
)


class Node(NamedTuple):
    """A distribution, or one of its extras: `uvicorn` and `uvicorn[standard]` need different things."""

    name: DistName
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """One requirement that holds on the target: who needs what, in the words of the wheel's METADATA."""

    source: Node
    name: DistName
    extras: tuple[str, ...]
    text: str

    @property
    def nodes(self) -> tuple[Node, ...]:
        """What fulfils it."""
        return (Node(self.name), *(Node(self.name, extra) for extra in self.extras))


class Needs:
    """The requirements between the distributions of one lock, each read when it is first asked for."""

    def __init__(self, lock: Lock, facts: Mapping[DistName, WheelFacts]) -> None:
        self._facts = facts
        self._environment = marker_environment(lock.target)
        self._nodes: dict[Node, tuple[Need, ...]] = {}
        self._holds = cache(self._evaluate)
        self._listed_extras: dict[DistName, set[str]] = {}
        for listed in lock.listed:
            self._listed_extras.setdefault(listed.name, set()).update(dist_name(extra) for extra in listed.extras)

    def of(self, node: Node) -> tuple[Need, ...]:
        """What a distribution, or one of its extras alone, requires, in the order of its METADATA."""
        known = self._nodes.get(node)
        if known is None:
            known = self._nodes[node] = tuple(self._read(node))
        return known

    def listed_extras(self, name: DistName) -> tuple[str, ...]:
        """The extras that the user listed with a distribution, normalised and sorted."""
        return tuple(sorted(self._listed_extras.get(name, ())))

    @cached_property
    def dependants(self) -> Mapping[DistName, tuple[DistName, ...]]:
        """Who in the lock requires each distribution, extras that the user listed included. Sorted by name."""
        found: dict[DistName, set[DistName]] = {}
        for name in self._facts:
            for extra in ("", *self.listed_extras(name)):
                for need in self.of(Node(name, extra)):
                    found.setdefault(need.name, set()).add(name)
        return {name: tuple(sorted(by - {name})) for name, by in sorted(found.items())}

    def _read(self, node: Node) -> Iterator[Need]:
        facts = self._facts.get(node.name)
        for line in facts.requires_dist if facts else ():
            match = _REQUIREMENT.fullmatch(line)
            if match is None or not self._applies(match["marker"], node.extra):
                continue
            extras = sorted({dist_name(extra.strip()) for extra in (match["extras"] or "").split(",")} - {""})
            text = line.partition(";")[0] if "@" not in match["version"] else line.partition(" ;")[0]
            yield Need(node, dist_name(match["name"]), tuple(extras), text.strip())

    def _applies(self, marker: str | None, extra: str) -> bool:
        """Whether a line belongs to just this node: what holds without any extra belongs to the distribution."""
        if marker is None or "extra" not in marker:
            return not extra and (marker is None or self._holds(marker, ""))
        return self._holds(marker, extra) and not (extra and self._holds(marker, ""))

    def _evaluate(self, marker: str, extra: str) -> bool:
        try:
            return Marker(marker).evaluate({**self._environment, "extra": extra})
        except InvalidMarker:
            return True  # what can't be understood can't be a reason to leave something out

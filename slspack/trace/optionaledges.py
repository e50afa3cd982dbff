"""Imports inside wheels of other distributions that the user listed: the edges that METADATA does not state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import Location, ModuleName, OptionalImports, RuntimeProvided
from slspack.targets import COMPLETED_BY, provided_distributions
from slspack.trace.needs import Node
from slspack.trace.reach import OptionalEdge
from slspack.trace.reachable import ReachableImports

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slspack.model import DistName, ImportPolicy, LockedDistribution, ModuleGraph, OptionalPair
    from slspack.trace.needs import Needs
    from slspack.trace.owners import OwnerIndex
    from slspack.trace.wheelimports import WheelImport, WheelImports

Edges = dict["DistName", tuple[OptionalEdge, ...]]


@dataclass(frozen=True, slots=True)
class OptionalChoice:
    """What one function's settings say of optional imports. Functions with equal ones share their edges."""

    default: OptionalImports
    pairs: tuple[OptionalPair, ...]
    excluded: frozenset[DistName]
    barred: frozenset[DistName]
    """Distributions that no optional import brings in: excluded ones, and what the runtime has to provide."""

    @classmethod
    def of(cls, policy: ImportPolicy) -> OptionalChoice:
        """The part of a policy that matters here."""
        excluded = frozenset(policy.exclude_distributions)
        barred = excluded
        if policy.runtime_provided is RuntimeProvided.EXCLUDE:
            barred |= provided_distributions()
        return cls(policy.optional, policy.optional_pairs, excluded, barred)

    def between(self, importer: DistName, imported: DistName) -> OptionalImports:
        """Which of the imports that one distribution makes of another count."""
        pairs = (pair.choice for pair in self.pairs if (pair.importer, pair.imported) == (importer, imported))
        return next(pairs, self.default)

    def whose(self, choice: OptionalImports, names: frozenset[DistName]) -> frozenset[DistName]:
        """The importers of which that is the choice for anything they import."""
        if self.default is choice:
            return names
        return names & {pair.importer for pair in self.pairs if pair.choice is choice}


class OptionalEdges:
    """What is known of a lock's optional imports; `ask` makes it known."""

    def __init__(
        self,
        index: OwnerIndex,
        needs: Needs,
        locked: Mapping[DistName, LockedDistribution],
        listed: Iterable[DistName],
        wheel_imports: WheelImports,
    ) -> None:
        self._locked = locked
        self._needs = needs
        self._wheel_imports = wheel_imports
        self._entrances: dict[ModuleName, list[DistName]] = {}
        for name in sorted(set(listed) & set(locked)):
            for module in index.wheel(name).entrances:
                self._entrances.setdefault(module, []).append(name)
        for completed, completing in COMPLETED_BY.items():
            if ModuleName(completing) in self._entrances:
                self._entrances[ModuleName(completed)] = self._entrances[ModuleName(completing)]
        self._asked: set[DistName] = set()
        self._known: Edges = {}
        self._reachable = ReachableImports(index, locked, wheel_imports)

    def ask(self, wheels: Iterable[DistName]) -> bool:
        """Make known what these wheels import; whether that gave any new edge."""
        new = sorted(set(wheels) - self._asked)
        if not new or not self._entrances:
            return False
        self._asked.update(new)
        found = self._wheel_imports.naming([self._locked[name] for name in new], sorted(self._entrances))
        learned = {importer: edges for importer in new if (edges := self._edges(importer, found.get(importer, {})))}
        self._known.update(learned)
        return bool(learned)

    def listed(self, choice: OptionalChoice) -> Edges:
        """The edges that count wherever in a wheel the import stands."""
        found: Edges = {}
        for importer, edges in self._known.items():
            kept = tuple(
                edge
                for edge in edges
                if edge.imported not in choice.barred
                and choice.between(importer, edge.imported) is OptionalImports.LISTED
            )
            if kept:
                found[importer] = kept
        return found

    def reachable(self, choice: OptionalChoice, graph: ModuleGraph, names: frozenset[DistName]) -> Edges:
        """The edges that count because a function's own imports lead to the wheel's module in which they stand."""
        reached = self._reachable.of(graph, names)
        found: Edges = {}
        for importer in sorted(names & reached.keys()):
            sites: dict[ModuleName, WheelImport] = {}
            for imported in reached[importer]:
                for module in self._named_by(imported):
                    sites.setdefault(module, imported)
            kept = tuple(
                edge
                for edge in self._edges(importer, sites)
                if edge.imported not in choice.barred
                and choice.between(importer, edge.imported) is OptionalImports.REACHABLE
            )
            if kept:
                found[importer] = kept
        return found

    def _edges(self, importer: DistName, sites: Mapping[ModuleName, WheelImport]) -> tuple[OptionalEdge, ...]:
        """One edge for each listed distribution that the importer does not require anyway."""
        required = {importer, *(need.name for need in self._needs.of(Node(importer)))}
        found: dict[DistName, OptionalEdge] = {}
        for module, site in sorted(sites.items(), key=lambda item: (item[1].path, item[1].line)):
            owners = self._entrances[module]
            for owner in owners if importer not in owners else ():
                if owner not in required:
                    location = Location(site.path, site.line)
                    found.setdefault(owner, OptionalEdge(importer, owner, str(site), location))
        return tuple(found[name] for name in sorted(found))

    def _named_by(self, imported: WheelImport) -> Iterable[ModuleName]:
        return (module for module in self._entrances if imported.reaches(module))

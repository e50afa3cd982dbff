"""Where a function's closure begins: the distributions that its own source and settings name."""

from __future__ import annotations

import re
from dataclasses import field, replace
from typing import TYPE_CHECKING, TypeAlias

from slspack.frozen import dataclass
from slspack.model import ModuleName, Reason, ReasonKind, dist_name
from slspack.targets import COMPLETED_BY
from slspack.trace.reach import RankedReason
from slspack.trace.wheelimports import import_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from slspack.model import DistName, ExternalImport, Function, ModuleGraph, Provided
    from slspack.trace.providers import Ambiguity, Providers

    Ask: TypeAlias = Callable[[Function, ExternalImport, ModuleName], Provided | None]
    """Who provides a module that no distribution holds; None where nobody knows of it."""

BY_PLUGIN = "a plugin"
"""Who included a distribution that no setting names."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Roots:
    """The roots of one function, and which of its imports nobody or too many fulfil."""

    reasons: dict[DistName, list[RankedReason]] = field(default_factory=dict)
    required: dict[DistName, ExternalImport] = field(default_factory=dict)
    """The first import of each distribution whose failure would not be caught."""
    missing: dict[ModuleName, ExternalImport] = field(default_factory=dict)
    """The first import of each module that no distribution holds and whose failure would not be caught."""
    ambiguous: dict[Ambiguity, ExternalImport] = field(default_factory=dict)

    @property
    def distances(self) -> dict[DistName, int]:
        """How far each root is from the handler, counted in imports."""
        return {name: min(one.distance for one in reasons) for name, reasons in self.reasons.items()}

    def add(self, name: DistName, distance: int, reason: Reason) -> None:
        """Note one more reason."""
        self.reasons.setdefault(name, []).append(RankedReason.at(distance, reason))

    def add_missing(
        self, module: ModuleName, imported: ExternalImport, provided: Provided | None, distance: int
    ) -> None:
        """Note a module that no distribution holds, and what somebody else has to say of it."""
        if provided is None:
            if not imported.optional:
                self.missing.setdefault(module, imported)
        elif provided.distribution is not None:
            reason = Reason(ReasonKind.IMPORT, imported.importer, provided.reason, imported.location)
            self.add(provided.distribution, distance, reason)


def roots_of(
    function: Function,
    graph: ModuleGraph,
    providers: Providers,
    present: frozenset[DistName],
    ask: Ask | None = None,
) -> Roots:
    """The distributions that the graph's imports and `includeDistributions` lead to, if they are present.

    `ask` is asked for what no distribution holds.
    """
    roots = Roots()
    depths = _depths(graph)
    own_handler = function.handler.module in depths
    seen: set[tuple[DistName, str]] = set()
    for imported in (*graph.external, *_completing(graph)):
        is_handler = not own_handler and imported.importer == function.handler.module
        provision = providers.answer(imported)
        for name in provision.owners:
            if name in present and (name, imported.importer) not in seen:
                seen.add((name, imported.importer))
                distance = depths.get(imported.importer, -1) + 1
                roots.add(name, distance, _reason(imported, is_handler=is_handler))
            if not imported.optional:
                roots.required.setdefault(name, imported)
        for ambiguity in provision.ambiguous:
            roots.ambiguous.setdefault(ambiguity, imported)
        for module in provision.missing:
            provided = _answer(ask, function, imported, module, present) if ask else None
            roots.add_missing(module, imported, provided, depths.get(imported.importer, -1) + 1)
    _add_packages(roots, function, graph, depths, present)
    added = {dist_name(match[0]) for text in function.requirements.added if (match := _NAME.match(text))}
    for name in function.policy.include_distributions:
        if name in present:
            by = BY_PLUGIN if name in added else "includeDistributions"
            roots.add(name, 1, Reason(ReasonKind.INCLUDED, "", by, function.location))
    return roots


def _add_packages(
    roots: Roots, function: Function, graph: ModuleGraph, depths: Mapping[ModuleName, int], present: frozenset[DistName]
) -> None:
    """The local packages of which the function reaches a module: their wheels hold their metadata alone."""
    for package in function.packages:
        first = next((module for module in graph.modules if package.holds(module.path)), None)
        if first is not None and package.distribution in present:
            importer = first.importer or ""
            kind = ReasonKind.IMPORT if first.importer else ReasonKind.HANDLER
            reason = Reason(kind, importer, import_text(first.name, ()), first.location)
            roots.add(package.distribution, depths[first.name], reason)


def _answer(
    ask: Ask, function: Function, imported: ExternalImport, module: ModuleName, present: frozenset[DistName]
) -> Provided | None:
    """Who provides a module, without a distribution that is left out of the function."""
    provided = ask(function, imported, module)
    return replace(provided, distribution=None) if provided and provided.distribution not in present else provided


def _completing(graph: ModuleGraph) -> Iterator[ExternalImport]:
    """The imports that modules of the standard library make when the service imports them: `tzdata` for `zoneinfo`."""
    for imported in graph.stdlib:
        completing = COMPLETED_BY.get(imported.module.partition(".")[0])
        if completing is not None:
            yield replace(imported, module=ModuleName(completing), names=(), optional=True)


def _reason(imported: ExternalImport, *, is_handler: bool) -> Reason:
    kind, source = (ReasonKind.HANDLER, "") if is_handler else (ReasonKind.IMPORT, imported.importer)
    return Reason(kind, source, import_text(imported.module, imported.names), imported.location)


def _depths(graph: ModuleGraph) -> Mapping[ModuleName, int]:
    """How many imports lie between the handler and each first-party module. The graph is in the order of discovery."""
    depths: dict[ModuleName, int] = {}
    for module in graph.modules:
        depths[module.name] = 0 if module.importer is None else depths.get(module.importer, -1) + 1
    return depths

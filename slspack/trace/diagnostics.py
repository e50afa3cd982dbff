"""What is to be said of a closure, in the vocabulary that users know from deptry."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.frozen import dataclass
from slspack.model import Finding, Location, MissingImports, ReasonKind, Severity
from slspack.targets import provided_by_runtime, provided_distributions
from slspack.trace.names import WRITTEN_BY_PLUGINS, likely_distributions
from slspack.trace.needs import Node
from slspack.trace.suggest import near_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from slspack.model import (
        ClosureMember,
        DistName,
        ExternalImport,
        Function,
        ImportPolicy,
        Listed,
        Lock,
        ModuleGraph,
        ModuleName,
    )
    from slspack.trace.needs import Need, Needs
    from slspack.trace.owners import OwnerIndex
    from slspack.trace.roots import Roots

_MISSING = {MissingImports.ERROR: Severity.ERROR, MissingImports.WARN: Severity.WARNING}
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """A function's closure as far as it is drawn when its findings are looked for."""

    function: Function
    graph: ModuleGraph
    roots: Roots
    members: tuple[ClosureMember, ...]
    unmet: tuple[Need, ...]
    """Requirements of its members that nothing in the lock fulfils."""
    only_optional: frozenset[DistName]
    """Members that would not be there without optional imports."""


class Diagnostics:
    """The findings of one lock's functions."""

    def __init__(self, lock: Lock, index: OwnerIndex, needs: Needs, graphs: Iterable[ModuleGraph]) -> None:
        self._lock = lock
        self._index = index
        self._needs = needs
        self._graphs = graphs
        self._listed = frozenset(listed.name for listed in lock.listed)
        self._asked_for = self._listed | _by_listing(lock, index, needs)
        self._development: Mapping[DistName, Listed] = {one.name: one for one in reversed(lock.development)}
        self._remedies: dict[ModuleName, str] = {}
        self._existing: frozenset[str] | None = None

    def findings(self, drawn: Drawn) -> tuple[Finding, ...]:
        """All findings of one function, sorted by code and place."""
        found = [
            *self._missing(drawn),
            *self._ambiguous(drawn),
            *self._transitive(drawn),
            *self._unmet(drawn),
            *self._shadowing(drawn),
            *self._optional(drawn),
        ]
        named = (replace(finding, function=drawn.function.name) for finding in found)
        return tuple(sorted(named, key=_order))

    def _missing(self, drawn: Drawn) -> Iterator[Finding]:
        for module, imported in drawn.roots.missing.items():
            if not _is_excused(module, drawn.function):
                finding = self._of_missing(module, imported, drawn.function)
                if finding is not None:
                    yield finding

    def _of_missing(self, module: ModuleName, imported: ExternalImport, function: Function) -> Finding | None:
        rule = rule_for(module, function.policy)
        developing = next((self._development[n] for n in likely_distributions(module) if n in self._development), None)
        subject = f"`{imported.importer}` imports `{module}`"
        if imported.importer == function.handler.module and imported.module == imported.importer:
            subject = f"the handler of `{function.name}` is in `{module}`"
        if developing is not None and rule is None:
            place = f"the development group `{developing.group}`" if developing.group else "a development requirement"
            return Finding(
                Code.DEVELOPMENT_ONLY,
                Severity.ERROR,
                f"{subject}, but `{developing.name}` is listed only in {place} ({developing.location})",
                imported.location,
                f"move `{developing.name}` to the run-time requirements, or name it in `excludeDistributions`",
            )
        severity = _MISSING.get(function.policy.missing if rule is None else rule)
        if severity is None:
            return None
        if function.opaque_layers:
            message = f"{subject}, which no requirement provides; one of the function's layers may"
            hint = f"if a layer has it, say so: `missingImports: {{{module}: ignore}}`"
            return Finding(Code.LAYER_MAY_PROVIDE, Severity.WARNING, message, imported.location, hint)
        return Finding(
            Code.NOT_LISTED,
            severity,
            f"{subject}, which no requirement provides",
            imported.location,
            _beside(imported) or self._remedy(module),
        )

    def _remedy(self, module: ModuleName) -> str:
        if module not in self._remedies:
            self._remedies[module] = self._suggest(module)
        return self._remedies[module]

    def _suggest(self, module: ModuleName) -> str:
        if module in WRITTEN_BY_PLUGINS:
            return WRITTEN_BY_PLUGINS[module]
        if self._existing is None:
            first_party = {one.name for graph in self._graphs for one in graph.modules}
            locked = {str(name) for name in self._index.names}
            self._existing = frozenset(first_party | locked | set(self._index.top_level))
        near = near_names(module, self._existing)
        if near:
            return f"did you mean {' or '.join(f'`{name}`' for name in near)}? otherwise list what provides it"
        return f"list the distribution that provides it (`{likely_distributions(module)[0]}`?) among the requirements"

    def _ambiguous(self, drawn: Drawn) -> Iterator[Finding]:
        for ambiguity, imported in drawn.roots.ambiguous.items():
            names = [f"`{name}`" for name in ambiguity.candidates]
            yield Finding(
                Code.AMBIGUOUS_OWNER,
                Severity.ERROR,
                f"`{imported.importer}` imports `{ambiguity.module}`, which {', '.join(names[:-1])} and {names[-1]} "
                "provide with different contents",
                imported.location,
                f"choose one: `modules: {{{ambiguity.module}: {ambiguity.candidates[0]}}}`",
            )

    def _transitive(self, drawn: Drawn) -> Iterator[Finding]:
        members = {member.distribution.name for member in drawn.members}
        for name, imported in drawn.roots.required.items():
            if name in members and name not in self._asked_for and name not in provided_distributions():
                dependants = self._needs.dependants.get(name, ())
                by = ", ".join(f"`{one}`" for one in dependants[:3])
                why = f"only because {by} require{'' if len(dependants) > 1 else 's'} it" if by else "but not listed"
                yield Finding(
                    Code.ONLY_TRANSITIVE,
                    Severity.WARNING,
                    f"`{imported.importer}` imports `{imported.module}` of `{name}`, which is in the lock {why}",
                    imported.location,
                    f"list `{name}` among the requirements, so that it stays when the others change",
                )

    def _unmet(self, drawn: Drawn) -> Iterator[Finding]:
        seen = set()
        for need in sorted(drawn.unmet, key=lambda need: (need.name, need.source.name, need.text)):
            if need.name in seen or need.name in drawn.function.policy.exclude_distributions:
                continue
            seen.add(need.name)
            if need.name not in self._index.names and need.name not in provided_distributions():
                yield Finding(
                    Code.MISSING_DEPENDENCY,
                    Severity.ERROR,
                    f"`{need.source.name}` requires `{need.text}`, which the lock does not hold",
                    self._listing(need.source.name),
                    f"lock it too, or name `{need.name}` in `excludeDistributions` if nothing uses it",
                )

    def _listing(self, name: DistName) -> Location | None:
        return next((listed.location for listed in self._lock.listed if listed.name == name), None)

    def _shadowing(self, drawn: Drawn) -> Iterator[Finding]:
        members = {member.distribution.name for member in drawn.members}
        seen = set()
        for module in drawn.graph.modules:
            top = module.name.partition(".")[0]
            if top in seen:
                continue
            seen.add(top)
            match = self._index.exact(type(module.name)(top))
            if match is None or match.is_namespace:
                continue
            hidden = [name for name in match.distributions if name in self._listed or name in members]
            if hidden:
                yield Finding(
                    Code.SHADOWS_DISTRIBUTION,
                    Severity.WARNING,
                    f"`{module.path}` hides the module `{top}` of `{hidden[0]}`",
                    Location(module.path),
                    "rename the service's own module, or leave the distribution out with `excludeDistributions`",
                )

    def _optional(self, drawn: Drawn) -> Iterator[Finding]:
        kept = []
        for member in drawn.members:
            if member.distribution.name in drawn.only_optional:
                reason = next((one for one in member.reasons if one.kind is ReasonKind.OPTIONAL_IMPORT), None)
                if reason is not None:
                    size = _megabytes(self._index.wheel(member.distribution.name).unzipped)
                    kept.append(f"`{member.distribution.name}` ({size}; `{reason.source}` at {reason.location})")
        if kept:
            whole = sum(self._index.wheel(name).unzipped for name in drawn.only_optional)
            yield Finding(
                Code.OPTIONAL_IMPORT_KEPT,
                Severity.NOTICE,
                f"kept only for imports that other distributions may make: {', '.join(kept)}; "
                f"{_megabytes(whole)} unzipped with all that only these need",
                drawn.function.location,
                "to leave them out, set `optionalImports` to `reachable` or `never`, here or for a pair of names",
            )


def lock_findings(functions: Sequence[Function], lock: Lock, unreferenced: Iterable[DistName]) -> tuple[Finding, ...]:
    """What is said once for all functions that share a lock: spare requirements, and names that it does not hold."""
    places = {listed.name: listed.location for listed in reversed(lock.listed)}
    found = {
        Finding(
            Code.NOT_USED,
            Severity.WARNING,
            f"`{name}` is listed, but nothing imports or requires it: it is kept in every function",
            places.get(name),
            f"place it with `includeDistributions: [{name}]` on the functions that need it, or leave it out with "
            f"`excludeDistributions: [{name}]`",
        )
        for name in unreferenced
    }
    known = [str(locked.name) for locked in lock.distributions]
    for function in functions:
        for setting, name, severity in _named(function):
            if name not in known:
                near = near_names(name, known)
                hint = f"did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else None
                message = f"`{setting}` names `{name}`, which is not in the lock"
                found.add(Finding(Code.UNKNOWN_DISTRIBUTION, severity, message, None, hint))
    return tuple(sorted(found, key=_order))


def _by_listing(lock: Lock, index: OwnerIndex, needs: Needs) -> frozenset[DistName]:
    """What the user asked for without naming it: what listed extras and collections of distributions require."""
    asked: set[DistName] = set()
    for name in {listed.name for listed in lock.listed} & index.names:
        extras = needs.listed_extras(name)
        for extra in ("", *extras) if index.wheel(name).has_no_code else extras:
            asked.update(need.name for need in needs.of(Node(name, extra)))
    return frozenset(asked)


def rule_for(module: ModuleName, policy: ImportPolicy) -> MissingImports | None:
    """What `missingImports` says of a module by its name or the nearest parent's; None if it says nothing."""
    rules = [rule for rule in policy.missing_rules if f"{module}.".startswith(f"{rule.module}.")]
    return max(rules, key=lambda rule: len(rule.module)).choice if rules else None


def _beside(imported: ExternalImport) -> str | None:
    if not imported.beside:
        return None
    folder = posixpath.dirname(imported.location.path)
    return (
        f"`{imported.beside}` stands beside it, where Python does not look: write "
        f"`from .{imported.module} import …`, or add `{folder}` to the `source-roots`"
    )


def _is_excused(module: ModuleName, function: Function) -> bool:
    """Whether the runtime has the module, or the user left out what holds it."""
    excluded = function.policy.exclude_distributions
    return provided_by_runtime(module) is not None or any(name in excluded for name in likely_distributions(module))


def _named(function: Function) -> Iterator[tuple[str, DistName, Severity]]:
    """The distributions that settings name. Leaving out what is not there, or what the runtime has, harms nobody."""
    policy = function.policy
    for name in policy.include_distributions:
        yield "includeDistributions", name, Severity.ERROR
    for owner in policy.owners:
        yield "modules", owner.distribution, Severity.ERROR
    for name in policy.exclude_distributions:
        if name not in provided_distributions():
            yield "excludeDistributions", name, Severity.WARNING
    for pair in policy.optional_pairs:
        for name in (pair.importer, pair.imported):
            yield "optionalImports", name, Severity.WARNING
    for patterns in function.selections.patterns:
        yield "distributionPatterns", patterns.name, Severity.WARNING


def _order(finding: Finding) -> tuple[str, str, int, int, str]:
    at = finding.at or Location("")
    return (finding.code.id, at.path, at.line, at.column, finding.message)


def _megabytes(size: int) -> str:
    return f"{size / _MEGABYTE:.1f} MB"

"""Why a distribution, a module or a file is in a function's artifact, or why it is not."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import ArchivePath, Location, ModuleName, ReasonKind, dist_name
from slspack.targets import is_stdlib, provided_by_runtime
from slspack.trace.diagnostics import rule_for
from slspack.trace.names import likely_distributions
from slspack.trace.owners import OwnerIndex
from slspack.trace.roots import BY_PLUGIN
from slspack.trace.suggest import near_names
from slspack.trace.wheelimports import import_text
from slspack.wheels.layout import installed_files
from slspack.wheels.selecting import selected_files

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from slspack.model import (
        Closure,
        ClosureMember,
        DistName,
        ExternalImport,
        FirstPartyModule,
        Function,
        Lock,
        LockedDistribution,
        ModuleGraph,
        Reason,
        WheelFacts,
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One link of a chain, or one sentence of an answer, with the place where it can be seen."""

    text: str
    location: Location | None = None

    def __str__(self) -> str:
        return f"{self.location} {self.text}" if self.location else self.text


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer about one name: whether it is in the artifact, and the chain from the handler, or why not."""

    function: str
    name: str
    present: bool
    steps: tuple[Step, ...]
    known: bool = True
    """Whether anything of that name exists at all."""

    def lines(self) -> tuple[str, ...]:
        """The answer as plain text, a line for each step."""
        return tuple(str(step) for step in self.steps)


def explain(
    function: Function,
    name: str,
    graph: ModuleGraph,
    closure: Closure,
    lock: Lock,
    facts: Mapping[DistName, WheelFacts],
    find_source: Callable[[ModuleName], str | None],
    pruned: Callable[[LockedDistribution], Collection[ArchivePath]] | None = None,
) -> Explanation:
    """The shortest chain of imports that brings a name into a function, or why it is not there.

    `name` is a distribution, a module or a file in the artifact. `find_source` gives the path of a first-party module,
    reached or not (`Finder.find` knows it); None if the service has no such module. `pruned` are the files of a wheel
    that plugins leave out.
    """
    return _Explainer(function, graph, closure, lock, facts, find_source, pruned or (lambda _: ())).explain(name)


class _Explainer:
    def __init__(
        self,
        function: Function,
        graph: ModuleGraph,
        closure: Closure,
        lock: Lock,
        facts: Mapping[DistName, WheelFacts],
        find_source: Callable[[ModuleName], str | None],
        pruned: Callable[[LockedDistribution], Collection[ArchivePath]],
    ) -> None:
        self._pruned = pruned
        self._function = function
        self._graph = graph
        self._lock = lock
        self._facts = facts
        self._find_source = find_source
        self._index = OwnerIndex(facts, lock.target)
        self._modules = {module.name: module for module in graph.modules}
        self._members = {member.distribution.name: member for member in closure.members}
        self._left_out = {one.distribution.name: one.reason for one in closure.left_out}

    def explain(self, name: str) -> Explanation:
        """Try each meaning of the name in turn: what is in the artifact first."""
        meanings = (
            self._first_party,
            self._distribution,
            self._third_party_module,
            self._file,
            self._stdlib,
            self._unreached,
            self._left_out_distribution,
            self._left_out_module,
            self._elsewhere,
        )
        for meaning in meanings:
            found = meaning(name)
            if found is not None:
                return found
        return self._unknown(name)

    # What is in the artifact.

    def _first_party(self, name: str) -> Explanation | None:
        module = self._modules.get(ModuleName(name)) or self._by_path.get(name)
        return None if module is None else self._yes(name, self._chain_to(module))

    def _distribution(self, name: str) -> Explanation | None:
        member = self._members.get(dist_name(name))
        return None if member is None else self._yes(name, self._chain(member))

    def _third_party_module(self, name: str) -> Explanation | None:
        match = self._index.exact(ModuleName(name))
        for owner in match.distributions if match else ():
            if owner in self._members:
                return self._yes(name, (*self._chain(self._members[owner]), Step(f"{owner} holds {name}")))
        return None

    def _file(self, name: str) -> Explanation | None:
        for file in self._graph.data:
            if name in (file.path, file.archive):
                return self._yes(name, (Step(file.reason, Location(file.path)),))
        for owner, member in self._members.items():
            facts = self._facts[owner]
            if not any(installed.archive == name for installed in installed_files(facts)):
                continue
            holds = (*self._chain(member), Step(f"{owner} holds {name}"))
            if not any(taken.archive == name for taken in selected_files(facts, self._function.selections.of(owner))):
                return self._no(name, *holds, Step("it is left out by `prune: safe` or by `distributionPatterns`"))
            if name in self._pruned(member.distribution):
                return self._no(name, *holds, Step("a plugin leaves it out; `slspack plugins` lists them"))
            return self._yes(name, holds)
        return None

    # What is not.

    def _stdlib(self, name: str) -> Explanation | None:
        if not is_stdlib(name, self._lock.target.python):
            return None
        seen = next((one for one in self._graph.stdlib if one.module == name), None)
        where = () if seen is None else self._chain_to_import(seen)
        return self._no(name, *where, Step(f"{name} is part of the standard library, which the runtime has"))

    def _unreached(self, name: str) -> Explanation | None:
        module = name.removesuffix(".py").replace("/", ".") if name.endswith(".py") else name
        path = self._find_source(ModuleName(module))
        if path is None:
            return None
        handler = self._function.handler.text
        return self._no(name, Step(f"nothing that `{handler}` imports leads to it", Location(path)))

    def _left_out_distribution(self, name: str) -> Explanation | None:
        distribution = dist_name(name)
        if distribution not in self._left_out:
            return None
        imports = [one for one in self._graph.external if distribution in self._owners_of(one.module)]
        seen = [step for one in imports[:1] for step in self._chain_to_import(one)]
        return self._no(name, *seen, Step(f"{distribution} is not packaged: {self._left_out[distribution]}"))

    def _left_out_module(self, name: str) -> Explanation | None:
        owners = self._owners_of(ModuleName(name)) or self._owners_of_file(name)
        for owner in owners:
            if owner in self._left_out:
                found = self._left_out_distribution(owner)
                if found is not None:
                    return self._no(name, Step(f"{owner} holds {name}"), *found.steps)
        return None

    def _elsewhere(self, name: str) -> Explanation | None:
        """What the lock does not hold: imported all the same, the runtime's, or a development requirement."""
        imported = next((one for one in self._graph.external if _is_of(one, name)), None)
        seen = () if imported is None else self._chain_to_import(imported)
        development = next((one for one in self._lock.development if one.name in likely_distributions(name)), None)
        if provided_by_runtime(name) is not None:
            return self._no(name, *seen, Step(f"{name} is not listed; the runtime provides it"))
        if development is not None:
            place = f"in the development group `{development.group}`" if development.group else "for development"
            return self._no(name, *seen, Step(f"{development.name} is listed only {place}", development.location))
        if imported is None:
            return None
        return self._no(name, *seen, Step(self._why_missing(imported, name)))

    def _unknown(self, name: str) -> Explanation:
        near = near_names(name, self._existing())
        hint = f"; did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""
        sentence = f"nothing of that name is in the function, its source or its lock{hint}"
        return Explanation(self._function.name, name, present=False, steps=(Step(sentence),), known=False)

    def _why_missing(self, imported: ExternalImport, name: str) -> str:
        excluded = set(likely_distributions(name)) & set(self._function.policy.exclude_distributions)
        if excluded:
            return f"`excludeDistributions` leaves {min(excluded)} out"
        if imported.optional:
            return f"nothing in the lock provides {name}; the code is prepared for that"
        if rule_for(imported.module, self._function.policy) is not None:
            return f"nothing in the lock provides {name}; `missingImports` says what to make of it"
        return f"nothing in the lock provides {name}"

    # Chains.

    def _chain(self, member: ClosureMember) -> tuple[Step, ...]:
        """From the handler to a distribution. A member's first reason is always nearer to the handler than itself."""
        reason, name = member.reasons[0], member.distribution.name
        before: tuple[Step, ...] = ()
        if reason.kind in (ReasonKind.REQUIRES, ReasonKind.OPTIONAL_IMPORT):
            before = self._chain(self._members[dist_name(reason.source)])
        elif reason.kind is ReasonKind.IMPORT:
            before = self._chain_to(self._modules.get(ModuleName(reason.source)))
        text = {
            ReasonKind.IMPORT: f"{reason.source} imports {name} (`{reason.detail}`)",
            ReasonKind.HANDLER: f"the handler `{self._function.handler.text}` is in {name}",
            ReasonKind.REQUIRES: f"{reason.source} requires {reason.detail}",
            ReasonKind.OPTIONAL_IMPORT: f"{reason.source} may import {name} (`{reason.detail}`), which is listed",
            ReasonKind.COLLECTION: f"{name} is listed, and only collects distributions of which the function uses some",
            ReasonKind.UNREFERENCED: f"{name} is listed, and kept in every function because none refers to it",
            ReasonKind.INCLUDED: _included(name, reason),
        }[reason.kind]
        return (*before, Step(text, reason.location))

    def _chain_to(self, module: FirstPartyModule | None) -> tuple[Step, ...]:
        """From the handler to a first-party module."""
        steps: list[Step] = []
        while module is not None and module.importer is not None:
            steps.append(Step(f"{module.importer} imports {module.name}", module.location))
            module = self._modules.get(module.importer)
        if module is not None:
            steps.append(Step(f"{module.name} is where `{self._function.handler.text}` begins", Location(module.path)))
        return tuple(reversed(steps))

    def _chain_to_import(self, imported: ExternalImport) -> tuple[Step, ...]:
        text = f"{imported.importer} imports {imported.module} (`{import_text(imported.module, imported.names)}`)"
        return (*self._chain_to(self._modules.get(imported.importer)), Step(text, imported.location))

    # Look-ups.

    @cached_property
    def _by_path(self) -> Mapping[str, FirstPartyModule]:
        return {path: module for module in self._graph.modules for path in (module.path, module.archive)}

    def _owners_of(self, module: ModuleName) -> tuple[DistName, ...]:
        match = self._index.match(module)
        return match.distributions if match else ()

    def _owners_of_file(self, name: str) -> tuple[DistName, ...]:
        if "/" not in name and "." not in name:
            return ()
        holders = (
            owner
            for owner in sorted(self._left_out)
            if any(file.archive == ArchivePath(name) for file in installed_files(self._facts[owner]))
        )
        return tuple(holders)

    def _existing(self) -> Iterator[str]:
        yield from self._modules
        yield from (module.path for module in self._graph.modules)
        yield from (str(name) for name in self._facts)
        yield from self._index.top_level
        yield from (file.path for file in self._graph.data)

    def _yes(self, name: str, steps: tuple[Step, ...]) -> Explanation:
        return Explanation(self._function.name, name, present=True, steps=steps)

    def _no(self, name: str, *steps: Step) -> Explanation:
        return Explanation(self._function.name, name, present=False, steps=steps)


def _included(name: str, reason: Reason) -> str:
    return f"{BY_PLUGIN} asks for {name}" if reason.detail == BY_PLUGIN else f"`{reason.detail}` names {name}"


def _is_of(imported: ExternalImport, name: str) -> bool:
    taken = (f"{imported.module}.{one}" for one in imported.names)
    return any(f"{one}.".startswith(f"{name}.") for one in (imported.module, *taken)) or (
        dist_name(name) in likely_distributions(imported.module)
    )

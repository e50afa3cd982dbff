"""Which distributions of a lock fulfil an import, under one function's settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import ModuleName, RuntimeProvided
from slspack.targets import provided_distributions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from slspack.model import DistName, ExternalImport, ImportPolicy, ModuleOwner
    from slspack.trace.owners import Match, OwnerIndex


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A module that several distributions provide, each with content of its own."""

    module: ModuleName
    candidates: tuple[DistName, ...]


@dataclass(frozen=True, slots=True)
class Provision:
    """Who fulfils an import. What is in none of the fields needs nobody."""

    owners: tuple[DistName, ...] = ()
    missing: tuple[ModuleName, ...] = ()
    """Modules that no distribution in the lock holds."""
    waived: tuple[DistName, ...] = ()
    """Distributions that hold it and that the settings leave out."""
    ambiguous: tuple[Ambiguity, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The settings that decide between owners. Functions with equal ones share their answers."""

    owners: tuple[ModuleOwner, ...]
    waived: frozenset[DistName]

    @classmethod
    def of(cls, policy: ImportPolicy) -> Choice:
        """What a function's policy says: excluded distributions, and the runtime's own where those are not packaged."""
        waived = frozenset(policy.exclude_distributions)
        if policy.runtime_provided is RuntimeProvided.EXCLUDE:
            waived |= provided_distributions() - frozenset(policy.include_distributions)
        return cls(policy.owners, waived)


class Providers:
    """The answers for one lock and one choice, each found once."""

    def __init__(self, index: OwnerIndex, listed: frozenset[DistName], choice: Choice) -> None:
        self._index = index
        self._listed = listed
        self._choice = choice
        self._known: dict[tuple[ModuleName, tuple[str, ...]], Provision] = {}

    def provision(self, module: ModuleName, names: tuple[str, ...]) -> Provision:
        """Who fulfils `import module`, or `from module import names`, of which each name may be a submodule.

        A namespace package has no content of its own, so a name taken from it must be a module, and importing it alone
        means every listed distribution that has a portion of it.
        """
        key = (module, names)
        if key not in self._known:
            self._known[key] = _joined(self._parts(module, names))
        return self._known[key]

    def answer(self, imported: ExternalImport) -> Provision:
        """Who fulfils an import, or holds what a string names."""
        return self._spelled(imported.module) if imported.spelled else self.provision(imported.module, imported.names)

    def _spelled(self, name: str) -> Provision:
        """Who holds what a string names: a module, or a class or function in one. Mere resemblance is no owner."""
        match = self._index.match(ModuleName(name))
        if match is None or match.is_namespace:
            return Provision()
        rest = name[len(match.module) :].lstrip(".").split(".")
        if len(rest) > 1 or not ("." in match.module or rest[0][:1].isupper()):
            return Provision()
        return replace(self._choose(match), ambiguous=())

    def _parts(self, module: ModuleName, names: tuple[str, ...]) -> Iterator[Provision]:
        match = self._index.match(module)
        submodules = [ModuleName(f"{module}.{name}") for name in names if name != "*"]
        if match is None:
            yield Provision(missing=(module,))
        elif match.is_namespace and submodules:
            for submodule in submodules:
                found = self._index.match(submodule)
                yield Provision(missing=(submodule,)) if found is None else self._choose(found)
        else:
            exact = [self._index.exact(submodule) for submodule in submodules]
            held = [found for found in exact if found is not None and not found.is_namespace]
            if not held or len(held) < len(submodules):
                yield self._choose(match)
            yield from (self._choose(found) for found in held)

    def _choose(self, match: Match) -> Provision:
        candidates = tuple(name for name in match.distributions if name not in self._choice.waived)
        if not candidates:
            return Provision(waived=match.distributions)
        preferred = tuple(name for name in candidates if name in self._listed) or candidates
        if match.is_namespace:
            return Provision(preferred)
        named = self._named(match.module)
        if named is not None:
            return Provision((named, *self._parents(match.module, named)))
        contents = {file.content for file in match.files if file.distribution in preferred}
        if len(contents) > 1:
            return Provision(ambiguous=(Ambiguity(match.module, preferred),))
        return Provision((preferred[0], *self._parents(match.module, preferred[0])))

    def _named(self, module: ModuleName) -> DistName | None:
        """The distribution that the settings name for a module or the nearest parent of it."""
        rules = [rule for rule in self._choice.owners if f"{module}.".startswith(f"{rule.module}.")]
        best = max(rules, key=lambda rule: len(rule.module), default=None)
        return best.distribution if best is not None and best.distribution not in self._choice.waived else None

    def _parents(self, module: ModuleName, owner: DistName) -> Iterator[DistName]:
        """Listed distributions that alone hold a parent package of the module, which is imported before it."""
        parent = module.rpartition(".")[0]
        while parent:
            match = self._index.exact(ModuleName(parent))
            if match is not None and not match.is_namespace and owner not in match.distributions:
                listed = (n for n in match.distributions if n in self._listed and n not in self._choice.waived)
                yield from list(listed)[:1]
            parent = parent.rpartition(".")[0]


def _joined(parts: Iterable[Provision]) -> Provision:
    parts = tuple(parts)
    return Provision(
        owners=tuple(dict.fromkeys(name for part in parts for name in part.owners)),
        missing=tuple(dict.fromkeys(module for part in parts for module in part.missing)),
        waived=tuple(dict.fromkeys(name for part in parts for name in part.waived)),
        ambiguous=tuple(dict.fromkeys(one for part in parts for one in part.ambiguous)),
    )

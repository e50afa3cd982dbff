"""One first-party module's imports -> what each of them reaches, for one tree, target and list of source roots."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import ExternalImport, Finding, Location, ModuleName, Severity
from slspack.targets import is_stdlib
from slspack.trace.finder import Finder, Found, Kind
from slspack.trace.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.model import Target
    from slspack.trace.facts import ImportFact, SourceFacts
    from slspack.trace.scanner import Scanner
    from slspack.tree import ServiceTree

# Built into the interpreter or frozen (https://docs.python.org/3/library/sys.html#sys.builtin_module_names): found
# before any folder is looked at, or loaded before the handler is.
_ALWAYS_STDLIB = frozenset(
    "abc atexit builtins codecs errno faulthandler gc genericpath importlib io itertools marshal ntpath os posix "
    "posixpath pwd runpy site stat sys time zipimport".split()
)


@dataclass(frozen=True, slots=True)
class Missing:
    """A first-party import that must fail: what `missingImports` decides about it, and what is said of it."""

    module: ModuleName
    message: str
    location: Location
    hint: str | None


@dataclass(slots=True)
class Edges:
    """What one module reaches, in the order of its source."""

    modules: list[tuple[Found, Location]] = field(default_factory=list)
    external: list[ExternalImport] = field(default_factory=list)
    stdlib: list[ExternalImport] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    literals: frozenset[str] = frozenset()


class ModuleIndex:
    """What each first-party module imports. Every file is read once, every import resolved once, for all functions."""

    def __init__(self, tree: ServiceTree, source_roots: tuple[str, ...], target: Target, scanner: Scanner) -> None:
        self.finder = Finder(tree, source_roots, target)
        self.tree = tree
        self._target = target
        self._scanner = scanner
        self._facts: dict[str, SourceFacts | SlspackError] = {}
        self._edges: dict[ModuleName, Edges] = {}

    def facts(self, found: Found) -> SourceFacts | None:
        """The facts of a module's source; None where there is none or where it can't be read or parsed."""
        if not found.has_source:
            return None
        known = self._facts.get(found.path)
        if known is None:
            try:
                known = self._scanner.scan(self.tree.read(found.path), found.path, self._target)
            except SlspackError as error:
                known = error
            self._facts[found.path] = known
        return None if isinstance(known, SlspackError) else known

    def edges(self, found: Found) -> Edges:
        """What a module reaches."""
        if found.name not in self._edges:
            self._edges[found.name] = self._resolve(found)
        return self._edges[found.name]

    def _resolve(self, found: Found) -> Edges:
        edges = Edges()
        facts = self.facts(found)
        if is_stdlib(found.name, self._target.python) and "." not in found.name:
            edges.findings.append(_shadowing(found))
        if facts is None:
            failure = self._facts.get(found.path)
            edges.findings.extend(failure.findings if isinstance(failure, SlspackError) else ())
            return edges
        edges.findings.extend(_remarks(facts, found.path))
        edges.literals = facts.literals
        for fact in facts.imports:
            self._follow(fact, found, edges)
        return edges

    def _follow(self, fact: ImportFact, importer: Found, edges: Edges) -> None:
        location = Location(importer.path, fact.line, fact.column)
        name = fact.module
        if fact.level:
            absolute = _absolute(fact, importer)
            if absolute is None:
                if not fact.optional:
                    edges.findings.append(_too_high(fact, importer, location))
                return
            name = absolute
        _Import(self, edges, importer.name, name, fact, location).follow(self._target.python)


@dataclass(frozen=True, slots=True)
class _Import:
    """One import with its absolute name, and where what it reaches is noted."""

    index: ModuleIndex
    edges: Edges
    importer: ModuleName
    name: str
    fact: ImportFact
    location: Location

    def follow(self, python: tuple[int, int]) -> None:
        chain = list(self.index.finder.chain(self.name))
        real = [found for found in chain if found is not None and found.kind is not Kind.NAMESPACE]
        if is_stdlib(self.name, python):
            self.edges.stdlib.append(self._outside(self.fact.names, optional=self.fact.optional))
            if not real or chain[0] is not real[0] or self.name.partition(".")[0] in _ALWAYS_STDLIB:
                return
        self._reach(real)
        last = chain[-1]
        if last is None:
            self._not_found(chain)
        elif self.fact.names:
            self._take_names(last, inside_regular=bool(real))
        elif last.kind is Kind.NAMESPACE and not real and not self.fact.level:
            # It may be a distribution's as well, and is there anyway as soon as something below it is.
            self.edges.external.append(self._outside((), optional=self.fact.optional or self._holds_modules(last)))

    def _reach(self, found: Iterable[Found]) -> None:
        self.edges.modules.extend((module, self.location) for module in found)

    def _outside(self, names: tuple[str, ...], *, optional: bool) -> ExternalImport:
        return ExternalImport(ModuleName(self.name), names, optional, self.importer, self.location)

    def _not_found(self, chain: list[Found | None]) -> None:
        parents = [found for found in chain if found is not None]
        regular = [found for found in parents if found.kind is not Kind.NAMESPACE]
        if not regular and not self.fact.level:
            self.edges.external.append(self._outside(self.fact.names, optional=self.fact.optional))
            return
        if regular and self._is_open(regular[-1]):
            self.edges.external.append(self._outside(self.fact.names, optional=True))
            return
        parent = parents[-1] if parents else None
        portions = parent.portions if parent else ()
        missing = ".".join(self.name.split(".")[: len(parents) + 1])
        self._miss(missing, parent, self.index.finder.submodules(portions))

    def _take_names(self, module: Found, *, inside_regular: bool) -> None:
        """Each name of a `from` import may be a submodule; what is neither that nor defined is not there."""
        facts = self.index.facts(module)
        outside = []
        for name in self._wanted(facts):
            submodule = self.index.finder.find(f"{self.name}.{name}")
            if submodule is not None:
                self._reach([submodule] if submodule.kind is not Kind.NAMESPACE else [])
            elif module.kind is Kind.NAMESPACE:
                if inside_regular or self.fact.level:
                    self._miss(f"{self.name}.{name}", module, self.index.finder.submodules(module.portions))
                else:
                    outside.append(name)
            elif facts is not None and facts.open_path:
                self.edges.external.append(self._outside((name,), optional=True))
            elif facts is not None and facts.names is not None and not _is_defined(name, facts.names):
                near = (*facts.names, *self.index.finder.submodules(module.portions))
                self._miss(f"{self.name}.{name}", module, near)
        if outside:
            self.edges.external.append(self._outside(tuple(outside), optional=self.fact.optional))

    def _wanted(self, facts: SourceFacts | None) -> tuple[str, ...]:
        if "*" not in self.fact.names:
            return self.fact.names
        # What `__all__` names and the module does not define must be a submodule; wrong names in it are not our matter.
        exports = facts.exports if facts else ()
        return tuple(name for name in exports if self.index.finder.find(f"{self.name}.{name}"))

    def _miss(self, module: str, parent: Found | None, near: Iterable[str]) -> None:
        if self.fact.optional or is_stdlib(self.name, self.index.python):
            return
        tail = module.rpartition(".")[2]
        said = f"`{module}` not found" if parent is None else f"`{module}` not found: {_described(parent)} has no `{tail}`"
        self.edges.missing.append(Missing(ModuleName(module), said, self.location, did_you_mean(tail, near)))

    def _is_open(self, module: Found) -> bool:
        facts = self.index.facts(module)
        return facts is not None and facts.open_path

    def _holds_modules(self, namespace: Found) -> bool:
        return any(True for _ in self.index.finder.submodules(namespace.portions))

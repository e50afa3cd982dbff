"""One import, its name made absolute -> the first-party modules it reaches, or where else it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.frozen import dataclass
from slspack.model import ExternalImport, Finding, Location, ModuleName, Severity, Target
from slspack.targets import is_stdlib
from slspack.trace.finder import Found, Kind
from slspack.trace.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.trace.edges import Edges, ModuleIndex
    from slspack.trace.facts import ImportFact, SourceFacts

# Built into the interpreter or frozen (https://docs.python.org/3/library/sys.html#sys.builtin_module_names): found
# before any folder is looked at, or loaded before the handler is.
_ALWAYS_STDLIB = frozenset(
    [
        "abc",
        "atexit",
        "builtins",
        "codecs",
        "errno",
        "faulthandler",
        "gc",
        "genericpath",
        "importlib",
        "io",
        "itertools",
        "marshal",
        "ntpath",
        "os",
        "posix",
        "posixpath",
        "pwd",
        "runpy",
        "site",
        "stat",
        "sys",
        "time",
        "zipimport",
    ]
)
# What every module has (https://docs.python.org/3/reference/datamodel.html#modules).
_OF_EVERY_MODULE = frozenset(
    [
        "__builtins__",
        "__cached__",
        "__dict__",
        "__doc__",
        "__file__",
        "__loader__",
        "__name__",
        "__package__",
        "__path__",
        "__spec__",
    ]
)


@dataclass(frozen=True, slots=True)
class Missing:
    """A first-party import that must fail: what `missingImports` decides about, and what is said of it."""

    module: ModuleName
    message: str
    location: Location
    hint: str | None


@dataclass(frozen=True, slots=True)
class ImportStep:
    """One import statement or call, and where what it reaches is noted."""

    index: ModuleIndex
    edges: Edges
    importer: ModuleName
    name: str
    fact: ImportFact
    location: Location

    def follow(self) -> None:
        """Note everything that the import reaches."""
        chain = list(self.index.finder.chain(self.name))
        regular = [found for found in chain if found is not None and found.kind is not Kind.NAMESPACE]
        if not self.fact.level and is_stdlib(self.name, self.index.target.python):
            self.edges.stdlib.append(self._outside(self.fact.names, optional=self.fact.optional))
            if not regular or regular[0] is not chain[0]:
                return
            if regular[0].name in _ALWAYS_STDLIB:
                self.edges.findings.extend(shadowing(regular[0], self.index.target))
                return
        self._reach(regular)
        last = chain[-1]
        if last is None:
            self._not_found([found for found in chain if found is not None], inside_regular=bool(regular))
        elif self.fact.names:
            self._take_names(last, inside_regular=bool(regular))
        elif not regular and not self.fact.level:
            # A namespace folder may be a distribution's too; it is there as soon as something below it is.
            optional = self.fact.optional or any(True for _ in self.index.finder.submodules(last.portions))
            self.edges.external.append(self._outside((), optional=optional))

    def _reach(self, found: Iterable[Found]) -> None:
        self.edges.modules.extend((module, self.location) for module in found)

    def _outside(self, names: tuple[str, ...], *, optional: bool) -> ExternalImport:
        package, dot, _ = self.importer.rpartition(".")
        beside = self.index.finder.find(f"{package}.{self.name}") if dot and not self.fact.level else None
        path = beside.path if beside is not None else ""
        return ExternalImport(ModuleName(self.name), names, optional, self.importer, self.location, beside=path)

    def _not_found(self, parents: list[Found], *, inside_regular: bool) -> None:
        if not inside_regular and not self.fact.level:
            self.edges.external.append(self._outside(self.fact.names, optional=self.fact.optional))
            return
        nearest = next((found for found in reversed(parents) if found.kind is not Kind.NAMESPACE), None)
        if nearest is not None and self._may_make_submodules(nearest):
            self.edges.external.append(self._outside(self.fact.names, optional=True))
            return
        missing = ".".join(self.name.split(".")[: len(parents) + 1])
        self._miss(missing, parents[-1:], ())

    def _may_make_submodules(self, found: Found) -> bool:
        """A compiled module may put its own into `sys.modules`, unseen."""
        facts = self.index.facts(found)
        return not found.has_source or (facts is not None and facts.open_path)

    def _take_names(self, module: Found, *, inside_regular: bool) -> None:
        """Each name of a `from` import may be a submodule; what is neither that nor defined is not there."""
        facts = self.index.facts(module)
        elsewhere = []
        for name in self._wanted(facts):
            submodule = self.index.finder.find(f"{self.name}.{name}")
            if submodule is not None:
                self._reach(() if submodule.kind is Kind.NAMESPACE else (submodule,))
            elif module.kind is Kind.NAMESPACE:
                if inside_regular or self.fact.level:
                    self._miss(f"{self.name}.{name}", [module], ())
                else:
                    elsewhere.append(name)
            elif facts is not None and facts.open_path:
                self.edges.external.append(self._outside((name,), optional=True))
            elif facts is not None and facts.names is not None and name not in facts.names | _OF_EVERY_MODULE:
                self._miss(f"{self.name}.{name}", [module], facts.names)
        if elsewhere:
            self.edges.external.append(self._outside(tuple(elsewhere), optional=self.fact.optional))

    def _wanted(self, facts: SourceFacts | None) -> tuple[str, ...]:
        """The names taken; of a star, those in `__all__` that are submodules."""
        if "*" not in self.fact.names:
            return self.fact.names
        exports = facts.exports if facts else ()
        return tuple(name for name in exports if self.index.finder.find(f"{self.name}.{name}"))

    def _miss(self, module: str, parents: list[Found], names: Iterable[str]) -> None:
        if self.fact.optional or is_stdlib(self.name, self.index.target.python):
            return
        tail = module.rpartition(".")[2]
        near = [*names, *(name for parent in parents for name in self.index.finder.submodules(parent.portions))]
        why = "".join(f": {_described(parent)} has nothing of that name" for parent in parents)
        message = f"`{module}` not found{why}"
        self.edges.missing.append(Missing(ModuleName(module), message, self.location, did_you_mean(tail, near)))


def shadowing(found: Found, target: Target) -> tuple[Finding, ...]:
    """The warning that a module has a name of the standard library; none if it has not."""
    if "." in found.name or not is_stdlib(found.name, target.python):
        return ()
    if found.name in _ALWAYS_STDLIB:
        message = f"`{found.path}` is never imported: Python takes the standard library's `{found.name}`"
    else:
        message = f"`{found.path}` hides the standard library's `{found.name}` from everything in the function"
    return (Finding(Code.SHADOWS_STDLIB, Severity.WARNING, message, Location(found.path), "give it another name"),)


def _described(found: Found) -> str:
    return f"`{found.path or found.portions[0].folder}`"

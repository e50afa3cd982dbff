"""One first-party module's imports -> what each of them reaches, for one tree, target and list of source roots."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.model import ExternalImport, Finding, Location, ModuleName, Severity
from slspack.trace.data import DataFiles
from slspack.trace.finder import Finder, Found, Kind
from slspack.trace.follow import ImportStep, shadowing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.model import Function
    from slspack.trace.facts import ImportFact, SourceFacts
    from slspack.trace.follow import Missing
    from slspack.trace.scanner import Scanner
    from slspack.tree import ServiceTree


@dataclass(frozen=True, slots=True)
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

    def __init__(self, tree: ServiceTree, function: Function, scanner: Scanner) -> None:
        """Of the function only its target and where its modules are searched count."""
        self.finder = Finder(tree, function.source_roots, function.target, function.packages)
        self.data = DataFiles(tree, self.finder)
        self.tree = tree
        self.target = function.target
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
                known = self._scanner.scan(found.path, self.tree, self.target)
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
        facts = self.facts(found)
        edges = Edges(literals=facts.literals if facts else frozenset())
        edges.findings.extend(shadowing(found, self.target))
        if facts is None:
            failure = self._facts.get(found.path)
            edges.findings.extend(failure.findings if isinstance(failure, SlspackError) else ())
            return edges
        edges.findings.extend(_remarks(facts, found.path))
        for fact in facts.imports:
            self._follow(fact, found, edges)
        if facts.spelled or facts.apps:
            self._follow_named(facts, found, edges)
        return edges

    def _follow_named(self, facts: SourceFacts, found: Found, edges: Edges) -> None:
        from slspack.trace.named import follow_app, follow_spelled

        for spelled in facts.spelled:
            follow_spelled(self, edges, found, spelled)
        for app in facts.apps:
            follow_app(self, edges, found, app)

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
        ImportStep(self, edges, importer.name, name, fact, location).follow()


def _absolute(fact: ImportFact, importer: Found) -> str | None:
    """The name that a relative import means (PEP 328, as `importlib.util.resolve_name`); None above its package."""
    package = importer.name if importer.kind is Kind.PACKAGE else importer.name.rpartition(".")[0]
    parents = package.rsplit(".", fact.level - 1)
    if not package or len(parents) < fact.level:
        return None
    return f"{parents[0]}.{fact.module}" if fact.module else parents[0]


def _too_high(fact: ImportFact, importer: Found, location: Location) -> Finding:
    written = "." * fact.level + fact.module
    return Finding(
        Code.RELATIVE_IMPORT,
        Severity.ERROR,
        f"`{written}` climbs above the package of `{importer.name}`",
        location,
        "name the module from the source root: `from package import name`",
    )


def _remarks(facts: SourceFacts, path: str) -> Iterator[Finding]:
    for remark in facts.dynamic:
        yield Finding(
            Code.DYNAMIC_IMPORT,
            Severity.WARNING,
            f"`{remark.text}` imports a module whose name is known only at run time",
            Location(path, remark.line, remark.column),
            "name the modules that it may import under the function's `entrypoint`, or import each by its name",
        )
    for remark in facts.given_up:
        yield Finding(
            Code.NEWER_SYNTAX,
            Severity.WARNING,
            f"`{remark.text}` stands in a string that this Python cannot parse: what it imports is not seen",
            Location(path, remark.line, remark.column),
            "run slspack under the function's own Python version or a newer one",
        )

"""From a function's handler, breadth first, to every first-party module that it reaches."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import (
    DataFile,
    ExternalImport,
    Finding,
    FirstPartyModule,
    Location,
    MissingImports,
    ModuleGraph,
    ModuleName,
    Severity,
)
from slspack.trace.finder import Found, Kind
from slspack.trace.handler import start_of
from slspack.trace.vendored import Vendored

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.model import Function, ImportPolicy
    from slspack.trace.edges import Edges, ModuleIndex
    from slspack.trace.follow import Missing
    from slspack.trace.scanner import Scanner
    from slspack.tree import ServiceTree

_SEVERITIES = {MissingImports.ERROR: Severity.ERROR, MissingImports.WARN: Severity.WARNING}


def trace_function(function: Function, tree: ServiceTree, scanner: Scanner) -> ModuleGraph:
    """The first-party modules and data files that a function needs, and what they import from elsewhere.

    Raises the errors of everything reached together: SLS0301, SLS0302 (the handler), SLS0303, SLS0308 (a source that
    can't be read), SLS0307, SLS0310 (an import that must fail).
    """
    index = scanner.index(tree, function)
    start = start_of(function, index)
    walk = _Walk(index)
    for found in start.modules:
        walk.begin(found)
    walk.run()
    findings = tuple(dict.fromkeys([*start.findings, *walk.findings, *_missing(walk.missing, function.policy)]))
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise SlspackError(errors)
    vendored = Vendored(function, tree)
    external = vendored.not_here(walk.external if start.outside is None else [start.outside, *walk.external])
    return ModuleGraph(
        function=function.name,
        modules=tuple(walk.modules.values()),
        external=tuple(external),
        stdlib=tuple(walk.stdlib.values()),
        data=_data(walk, index, external, vendored.files()),
        findings=findings,
    )


class _Walk:
    """One breadth-first walk."""

    def __init__(self, index: ModuleIndex) -> None:
        self.modules: dict[ModuleName, FirstPartyModule] = {}
        self.reached: list[tuple[Found, Edges]] = []
        self.external: list[ExternalImport] = []
        self.stdlib: dict[ModuleName, ExternalImport] = {}
        self.missing: list[Missing] = []
        self.findings: list[Finding] = []
        self._index = index
        self._waiting: deque[Found] = deque()

    def begin(self, found: Found) -> None:
        """Start at a module; the packages around it are imported first."""
        for outer in self._index.finder.chain(found.name):
            if outer is not None and outer.kind is not Kind.NAMESPACE:
                self._reach(outer, None, None)

    def run(self) -> None:
        """Reach everything."""
        while self._waiting:
            found = self._waiting.popleft()
            edges = self._index.edges(found)
            self.reached.append((found, edges))
            for module, location in edges.modules:
                if module.name not in self.modules:
                    self._reach(module, found.name, location)
            self.external.extend(edges.external)
            for outside in edges.stdlib:
                self.stdlib.setdefault(outside.module, outside)
            self.missing.extend(edges.missing)
            self.findings.extend(edges.findings)

    def _reach(self, found: Found, importer: ModuleName | None, location: Location | None) -> None:
        if found.name not in self.modules:
            self.modules[found.name] = FirstPartyModule(found.name, found.path, found.archive, importer, location)
            self._waiting.append(found)


def _missing(missing: Iterable[Missing], policy: ImportPolicy) -> list[Finding]:
    found = []
    for item in missing:
        severity = _SEVERITIES.get(_choice(item.module, policy))
        if severity is not None:
            found.append(Finding(Code.MODULE_NOT_FOUND, severity, item.message, item.location, item.hint))
    return found


def _choice(module: ModuleName, policy: ImportPolicy) -> MissingImports:
    """What `missingImports` says: the rule for the longest name decides."""
    rules = [rule for rule in policy.missing_rules if f"{module}.".startswith(f"{rule.module}.")]
    return max(rules, key=lambda rule: len(rule.module)).choice if rules else policy.missing


def _data(
    walk: _Walk, index: ModuleIndex, external: Iterable[ExternalImport], vendored: Iterable[DataFile]
) -> tuple[DataFile, ...]:
    """The function's data files, sorted by archive name; of two for one name, the first source root's."""
    found: dict[str, DataFile] = {}
    folders: set[int] = set()
    for module, edges in walk.reached:
        for files in (index.data.beside(module), index.data.named(module, edges.literals)):
            if files and id(files) not in folders:
                folders.add(id(files))
                for file in files:
                    found.setdefault(file.archive, file)
    for library in dict.fromkeys(imported.module.partition(".")[0] for imported in external):
        for file in index.data.template_folders(library):
            found.setdefault(file.archive, file)
    for file in vendored:
        found.setdefault(file.archive, file)
    modules = {module.archive for module in walk.modules.values()}
    return tuple(found[name] for name in sorted(found) if name not in modules)

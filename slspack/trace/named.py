"""What a name in a string leads to: a first-party module, one of a distribution, or nothing."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from slspack.excludes import excluded_folder
from slspack.model import ExternalImport, Location, ModuleName
from slspack.targets import is_stdlib
from slspack.trace.finder import Found, Kind
from slspack.trace.wheelimports import is_test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.trace.edges import Edges, ModuleIndex
    from slspack.trace.facts import ImportFact


def follow_spelled(index: ModuleIndex, edges: Edges, importer: Found, fact: ImportFact) -> None:
    """Note the module that a dotted name in a string is, or in which it is defined; nothing if there is none."""
    location = Location(importer.path, fact.line, fact.column)
    chain = [found for found in index.finder.chain(fact.module) if found is not None]
    if not chain:
        if not is_stdlib(fact.module, index.target.python):
            name = ModuleName(fact.module)
            edges.external.append(ExternalImport(name, (), True, importer.name, location, spelled=True))  # noqa: FBT003
        return
    last, rest = chain[-1], fact.module.split(".")[len(chain) :]
    if last.kind is Kind.NAMESPACE or (rest and not _defines(index, last, rest)):
        return
    edges.modules.extend((found, location) for found in chain if found.kind is not Kind.NAMESPACE)


def follow_app(index: ModuleIndex, edges: Edges, importer: Found, fact: ImportFact) -> None:
    """Note every module of a Django app but its tests: its models, migrations, commands… are found by convention."""
    location = Location(importer.path, fact.line, fact.column)
    chain = [found for found in index.finder.chain(fact.module) if found is not None]
    packages = [found for found in chain if found.kind is not Kind.MODULE]
    if not chain:
        name = ModuleName(fact.module)
        edges.external.append(ExternalImport(name, (), True, importer.name, location))  # noqa: FBT003
    elif packages:
        outer = [found for found in chain if found.kind is not Kind.NAMESPACE]
        edges.modules.extend((found, location) for found in (*outer, *_modules_below(index, packages[-1])))


def _defines(index: ModuleIndex, module: Found, rest: list[str]) -> bool:
    """Whether a module has such a class or function at its top level."""
    facts = index.facts(module)
    return len(rest) == 1 and facts is not None and facts.names is not None and rest[0] in facts.names


def _modules_below(index: ModuleIndex, package: Found) -> Iterator[Found]:
    for portion in package.portions:
        for path in index.tree.walk(portion.folder, lambda folder: not excluded_folder(posixpath.basename(folder))):
            found = index.finder.locate(path) if path.endswith(".py") and not is_test(path) else None
            if found is not None:
                yield found

"""The modules at which a function begins: its handler's, and those named as entry points."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.excludes import excluded_folder
from slspack.frozen import dataclass
from slspack.model import ExternalImport, Finding, Location, ModuleName, Severity
from slspack.trace.finder import Found, Kind
from slspack.trace.suggest import did_you_mean, near_names

if TYPE_CHECKING:
    from slspack.model import Function
    from slspack.trace.edges import ModuleIndex


@dataclass(frozen=True, slots=True)
class Start:
    """Where the trace of a function begins. `outside` is the handler that lives in a distribution, if it does."""

    modules: tuple[Found, ...]
    outside: ExternalImport | None
    findings: tuple[Finding, ...]


def start_of(function: Function, index: ModuleIndex) -> Start:
    """The first-party modules that Lambda imports for a function, or what is wrong with its handler."""
    handler = function.handler
    at = handler.location or function.location
    modules: list[Found] = []
    findings: list[Finding] = []
    outside = None
    found = index.finder.find(handler.module)
    if found is not None and found.kind is not Kind.NAMESPACE:
        modules.append(found)
        findings.extend(_attribute(function, found, handler.attribute, at, index))
    elif _may_be_outside(function, index):
        where = at or Location(".")
        outside = ExternalImport(handler.module, (handler.attribute,), False, handler.module, where)  # noqa: FBT003
    else:
        findings.append(_not_found(function, handler.text, handler.module, at, index))
    for entrypoint in function.entrypoints:
        entry, attribute = _entrypoint(entrypoint, index)
        if entry is None:
            findings.append(_not_found(function, entrypoint, entrypoint.replace("/", "."), at, index))
        else:
            modules.append(entry)
            findings.extend(_attribute(function, entry, attribute, at, index) if attribute else ())
    return Start(tuple(modules), outside, tuple(replace(finding, function=function.name) for finding in findings))


def _may_be_outside(function: Function, index: ModuleIndex) -> bool:
    """Whether a handler that no source root holds may be a distribution's rather than misspelt."""
    top = function.handler.module.partition(".")[0]
    if function.entrypoints:
        return True
    if "/" in function.handler.text or index.finder.find(top) is not None:
        return False
    return not near_names(top, index.finder.submodules(index.finder.roots))


def _entrypoint(text: str, index: ModuleIndex) -> tuple[Found | None, str]:
    """A module by its path or name, or by its name and an attribute."""
    if text.endswith(".py"):
        return index.finder.locate(posixpath.normpath(text)), ""
    name = text.replace("/", ".")
    above, _, attribute = name.rpartition(".")
    for candidate, rest in ((name, ""), (above, attribute)):
        found = index.finder.find(candidate) if candidate else None
        if found is not None and found.kind is not Kind.NAMESPACE:
            return found, rest
    return None, ""


def _attribute(
    function: Function, found: Found, attribute: str, at: Location | None, index: ModuleIndex
) -> tuple[Finding, ...]:
    facts = index.facts(found)
    if facts is None or facts.names is None or attribute in facts.names:
        return ()
    message = f"`{found.path}` defines no `{attribute}`, which function `{function.name}` names"
    hint = did_you_mean(attribute, facts.names)
    return (Finding(Code.HANDLER_ATTRIBUTE, Severity.ERROR, message, at, hint),)


def _not_found(function: Function, text: str, module: str, at: Location | None, index: ModuleIndex) -> Finding:
    path = text if text.endswith(".py") else module.replace(".", "/")
    tried = [path] if text.endswith(".py") else [f"{path}.py", f"{path}/__init__.py"]
    places = [name if root.folder == "." else f"{root.folder}/{name}" for root in index.finder.roots for name in tried]
    message = (
        f"no module for `{text}` of function `{function.name}`: there is no {' or '.join(f'`{p}`' for p in places)}"
    )
    inside = index.finder.locate(tried[0])
    if inside is not None:
        root = next(root.folder for root in index.finder.roots if inside.path == f"{root.folder}/{inside.archive}")
        hint = (
            f"names begin at the source root `{root}`: write `{text.removeprefix(f'{root}/').removeprefix(f'{root}.')}`"
        )
        return Finding(Code.HANDLER_NOT_FOUND, Severity.ERROR, message, at, hint)
    return Finding(Code.HANDLER_NOT_FOUND, Severity.ERROR, message, at, did_you_mean(module, _module_names(index)))


def _module_names(index: ModuleIndex) -> list[ModuleName]:
    names = []
    for root in index.finder.roots:
        for path in index.tree.walk(root.folder, lambda folder: not excluded_folder(folder.rpartition("/")[2])):
            found = index.finder.locate(path) if path.endswith(".py") else None
            if found is not None:
                names.append(found.name)
    return names

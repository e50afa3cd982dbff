"""The plans of layers: of distributions under `python/`, and of folders as they are."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.bundle.collect import OwnFile
from slspack.bundle.patterns import Rules
from slspack.bundle.plan import Content, agreed, plan_content, selections_of
from slspack.bundle.renewal import fingerprint
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.model import ArchivePath, Finding, Selections, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from slspack.bundle.plugged import Plugged
    from slspack.model import (
        DistName,
        FolderLayer,
        Function,
        LockedDistribution,
        ModuleGraph,
        Plan,
        Target,
        WheelFacts,
        WheelPart,
    )
    from slspack.tree import ServiceTree

FOLDER = "layers"
"""Where layers stand among the artifacts."""
PREFIX = "python/"
"""Lambda puts a layer's content into `/opt`, and `/opt/python` on `sys.path`."""
_NEVER = frozenset({".git", "__pycache__", ".DS_Store"})


@dataclass(frozen=True, slots=True)
class LayerContent:
    """What a layer of distributions is to hold. `users` decide which files of them it takes."""

    name: str
    target: Target
    distributions: tuple[LockedDistribution, ...]
    users: tuple[Function, ...]
    files: tuple[OwnFile, ...] = ()
    """The service's own, by their names below `python/`."""


def plan_layer(
    content: LayerContent,
    graphs: Mapping[str, ModuleGraph],
    tree: ServiceTree,
    facts: Mapping[DistName, WheelFacts],
    plugged: Plugged | None = None,
) -> Plan:
    """Plan a layer of distributions. Raises SLS0601 for files that two of them want and that differ."""
    name = f"{FOLDER}/{content.name}"
    wanted = [selections_of(function, graphs[function.name], facts) for function in content.users]
    selections = agreed(wanted) if wanted else Selections()
    whole = Content(name, (), content.target, content.files, content.distributions, (), selections, ())
    plan = plan_content(whole, tree, facts, plugged)
    wheels = tuple(_below(part) for part in plan.wheels)
    entries = tuple(replace(entry, name=ArchivePath(f"{PREFIX}{entry.name}")) for entry in plan.entries)
    return replace(plan, entries=entries, wheels=wheels, fingerprint=fingerprint(entries, wheels, (), plan.finishing))


def plan_folder(layer: FolderLayer, tree: ServiceTree) -> Plan:
    """Plan a layer that is a folder: everything in it that its patterns leave, but for git's and Python's own folders.

    Raises SLS0602 for a link out of the service, SLS0613 where nothing is left, SLS0609 for a name that is not UTF-8.
    """
    rules = Rules.of(layer.patterns)
    files = files_of(layer.path, tree, lambda inside: (found := rules.deciding(inside)) is None or found.include)
    if not files:
        message = f"the layer `{layer.name}` would hold nothing: no file of `{layer.path}` is left"
        raise SlspackError.of(Code.LAYER_EMPTY, message, at=layer.location, hint="put files there, or remove the layer")
    content = Content(f"{FOLDER}/{layer.name}", (), None, files, (), (), Selections(), ())
    return plan_content(content, tree, {})


def files_of(folder: str, tree: ServiceTree, wanted: Callable[[str], bool]) -> tuple[OwnFile, ...]:
    """The files of a layer's folder, by their names in it, but for git's and Python's own. Raises as `plan_folder`."""
    found: list[OwnFile] = []
    for path in _walk(folder, tree):
        inside = os.path.relpath(path, folder).replace(os.sep, "/")
        if wanted(inside):
            found.append(OwnFile(path, ArchivePath(inside), f"in the layer's folder `{folder}`"))
    return tuple(found)


def split_packages(plan: Plan, layers: Sequence[Plan], facts: Iterable[WheelFacts]) -> Iterator[Finding]:
    """A warning (SLS0615) for each package of a layer that Python cannot see beside one of that name in the artifact.

    What stands in the artifact comes first on `sys.path`; if it is a regular package, it hides the layer's. `facts` are
    at least those of the wheels of all of them.
    """
    from slspack.bundle.layouts import layout_of

    by_wheel = {known.sha256: known for known in facts}

    def names(part: WheelPart) -> frozenset[ArchivePath]:
        return layout_of(by_wheel[part.distribution.wheel.sha256], replace(part.selection, prefix="")).names.files

    own = {str(entry.name) for entry in plan.entries}.union(*(names(part) for part in plan.wheels))
    regular = {name.partition("/")[0] for name in own if name.count("/") == 1 and name.endswith("/__init__.py")}
    for layer in layers:
        for part in layer.wheels:
            packages = {name.partition("/")[0] for name in names(part) if "/" in name}
            for package in sorted(packages & regular):
                yield Finding(
                    Code.PACKAGE_SPLIT,
                    Severity.WARNING,
                    f"`{package}` is in `{plan.name}` and, with `{part.distribution.name}`, in `{layer.name}`: "
                    "Python sees only what is in the function",
                    hint="let one of them hold all that is in the package",
                    function=plan.functions[0] if len(plan.functions) == 1 else None,
                )


def _below(part: WheelPart) -> WheelPart:
    without = tuple(ArchivePath(f"{PREFIX}{name}") for name in part.without)
    return replace(part, without=without, selection=replace(part.selection, prefix=PREFIX))


def _walk(folder: str, tree: ServiceTree) -> Iterator[str]:
    for path in tree.walk(folder, lambda below: below.rpartition("/")[2] not in _NEVER):
        if path.rpartition("/")[2] not in _NEVER:
            yield path

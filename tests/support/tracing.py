"""Small services on disk, and functions over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.model import Function, Handler, Location, ModuleName, Target
from slspack.targets import parse_target
from slspack.trace import Scanner, trace_function
from slspack.tree import ServiceTree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.model import ImportPolicy, ModuleGraph

HANDLER_AT = Location("serverless.yml", 7, 14)


def target(runtime: str = "python3.13", architecture: str = "x86_64") -> Target:
    """A target that is known to exist."""
    parsed = parse_target(runtime, architecture)
    assert parsed is not None
    return parsed


def write_tree(root: Path, files: Mapping[str, str]) -> ServiceTree:
    """Write files by their paths, and the tree over them; a lone surrogate stands for a byte that is not UTF-8."""
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode("utf-8", "surrogateescape"))
    return ServiceTree(root)


def function(
    handler: str,
    *,
    source_roots: tuple[str, ...] = (".",),
    entrypoints: tuple[str, ...] = (),
    policy: ImportPolicy | None = None,
    on: Target | None = None,
) -> Function:
    """A function named `f`, its handler as a configuration spells it."""
    module, _, attribute = handler.rpartition(".")
    read = Handler(handler, ModuleName(module.replace("/", ".")), attribute, HANDLER_AT)
    made = Function("f", read, on or target(), source_roots=source_roots, entrypoints=entrypoints)
    if policy is None:
        return made
    return Function("f", read, made.target, source_roots=source_roots, entrypoints=entrypoints, policy=policy)


def trace(root: Path, files: Mapping[str, str], made: Function) -> ModuleGraph:
    """The module graph of one function over files that are written first."""
    return trace_function(made, write_tree(root, files), Scanner())


def archives(graph: ModuleGraph) -> set[str]:
    """The names of its modules' files in the artifact."""
    return {module.archive for module in graph.modules}

"""A project that `sam build` has bundled so far: what changes, and the edit of its template that keeps data files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from yaml.nodes import MappingNode, ScalarNode

from slspack.config.nodes import Leaf, Table
from slspack.excludes import excluded_file, excluded_folder, project_file
from slspack.migrating.leftovers import lines_of
from slspack.migrating.remarks import Remark
from slspack.migrating.yaml_edits import Edit, apply, composed, entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.config.nodes import Node
    from slspack.model import Location

_FUNCTIONS = {"AWS::Serverless::Function": "CodeUri", "AWS::Lambda::Function": "Code"}
_LAYERS = ("AWS::Serverless::LayerVersion", "AWS::Lambda::LayerVersion")
_CODE = (".py", ".pyi", ".pyx", ".so")
_IDLE = {
    "use_container": "what has no wheel is built in an image by itself",
    "cached": "what has not changed is never built again",
    "parallel": "each distribution is made into an artifact's bytes once",
}


@dataclass(frozen=True, slots=True)
class _Function:
    """A function of the template whose folder holds more than code."""

    name: str
    at: Location
    pattern: str
    data: str
    """One of the files that are no code."""
    metadata: Table | None

    @property
    def remark(self) -> Remark:
        why = f"its folder has `{self.data}`, which no import reaches and `sam build` packs"
        setting = f"`slspack: {{patterns: ['{self.pattern}']}}`"
        if self.metadata is None:
            return Remark(self.name, f"gets `Metadata` with {setting}: {why}", self.at)
        return Remark(self.name, f"needs {setting} in its `Metadata`: {why}", self.at)


def sam_remarks(folder: Path, name: str, document: Node) -> Iterator[Remark]:
    """What changes for a project with this template."""
    yield Remark(
        name, "is read as it stands; settings stand under `Metadata: slspack`, of the template or of a function"
    )
    yield Remark(
        "sam build", "becomes `slspack build --sam`; `sam local`, `sam package` and `sam deploy` follow as before"
    )
    for function in _with_data(folder, document):
        yield function.remark
    for resource, table in _resources(document):
        method = _text(_below(table, "Metadata"), "BuildMethod")
        if method == "makefile" and _text(table, "Type") in _FUNCTIONS:
            outcome = "is not built by `make` any more: its `BuildMethod` has no effect on `slspack build --sam`"
            yield Remark(resource, outcome, table.at)
        if _text(table, "Type") in _LAYERS and method is not None and not method.startswith("python"):
            left = f"is not built by slspack (`BuildMethod: {method}`)"
            outcome = f"{left}: let functions carry what they import, or list it under `layers`"
            yield Remark(resource, outcome, table.at)
    for key, why in _IDLE.items():
        for at in lines_of(folder, "samconfig.toml", rf"^\s*{key}\s*=".encode()):
            yield Remark(key, f"has no use for `slspack build`: {why}", at)


def sam_edited(folder: Path, text: str, document: Node) -> str:
    """The template, in which each function whose folder holds more than code has it all packed, as `sam build` does."""
    resources = entry(composed(text), "Resources")
    edits: list[Edit] = []
    for function in _with_data(folder, document):
        node = entry(resources, function.name)
        if function.metadata is None and isinstance(node, MappingNode) and not node.flow_style:
            edits += _metadata(text, node, function.pattern)
    return apply(text, edits)


def _metadata(text: str, resource: MappingNode, pattern: str) -> Iterator[Edit]:
    """`Metadata`, in lines of its own behind the resource's `Type`."""
    for key, value in resource.value:
        if isinstance(key, ScalarNode) and key.value == "Type":
            end = text.find("\n", value.end_mark.index)
            place, before = (len(text), "\n") if end < 0 else (end + 1, "")
            indent = " " * key.start_mark.column
            written = f"{indent}Metadata:\n{indent}  slspack: {{patterns: ['{pattern}']}}\n"
            yield Edit(place, place, before + written)


def _with_data(folder: Path, document: Node) -> Iterator[_Function]:
    shared = _below(document, "Globals", "Function")
    for name, table in _resources(document):
        key = _FUNCTIONS.get(_text(table, "Type") or "")
        properties, metadata = _below(table, "Properties"), _below(table, "Metadata")
        if key is None or (metadata is not None and "slspack" in metadata.entries):
            continue
        runtime = _text(properties, "Runtime") or _text(shared, "Runtime") or ""
        code = _text(properties, key) or _text(shared, key)
        if not runtime.startswith("python") or code is None or "://" in code or not (folder / code).is_dir():
            continue
        data = next(_data(folder / code), None)
        if data is not None:
            path = PurePosixPath(code).as_posix()
            yield _Function(name, table.at, "**" if path == "." else f"{path}/**", data, metadata)


def _data(folder: Path) -> Iterator[str]:
    """Files that are read rather than imported."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if excluded_folder(name) is None)
        for name in sorted(names):
            if not name.endswith(_CODE) and excluded_file(name) is None and project_file(name) is None:
                yield Path(where, name).relative_to(folder).as_posix()


def _resources(document: Node) -> Iterator[tuple[str, Table]]:
    resources = _below(document, "Resources")
    for name, node in resources.entries.items() if resources else ():
        if isinstance(node, Table):
            yield name, node


def _below(node: Node | None, *path: str) -> Table | None:
    for key in path:
        node = node.entries.get(key) if isinstance(node, Table) else None
    return node if isinstance(node, Table) else None


def _text(table: Table | None, key: str) -> str | None:
    node = table.entries.get(key) if table else None
    return node.value if isinstance(node, Leaf) and isinstance(node.value, str) else None

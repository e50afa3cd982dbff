"""A template and those that are nested in it, each with the values of its names."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.documents import DocumentError, Files
from slspack.config.findings import Findings
from slspack.config.nodes import Leaf, Table
from slspack.config.template.intrinsics import Intrinsics, Scope
from slspack.config.template.parameters import parameter_values, pseudo_parameters
from slspack.config.value import Value
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from slspack.config.nodes import Node
    from slspack.options import LoadOptions

SERVERLESS = "AWS::Serverless::Function"
CODE = {SERVERLESS: "CodeUri", "AWS::Lambda::Function": "Code"}
"""The types of resources that are functions, and the property that says where their code is."""

LAYERS = {"AWS::Serverless::LayerVersion": "ContentUri", "AWS::Lambda::LayerVersion": "Content"}
"""The types of resources that are layers, and the property that says where their content is."""

ARCHIVES = (".zip", ".jar")
"""How files end that are packaged already."""

NESTED = {"AWS::Serverless::Application": "Location", "AWS::CloudFormation::Stack": "TemplateURL"}
"""The types of resources that are stacks themselves, and the property that names their template."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One template. `file` is its name relative to the service; `path` are the resources that lead to it."""

    file: str
    path: tuple[str, ...]
    main: Value
    nested: Mapping[str, Stack]
    """By the logical name of the resource."""

    @property
    def folder(self) -> str:
        """The folder that its relative paths start from."""
        return posixpath.dirname(self.file) or "."

    def name_of(self, resource: str) -> str:
        """What slspack calls a resource: its logical name, with those of the applications around it in front."""
        return "-".join((*self.path, resource))

    def resources(self) -> Iterator[tuple[str, Value, str]]:
        """Every resource that has a type: its logical name, itself, its type."""
        table = self.main.peek("Resources")
        for name, _, value in table.pairs() if table and isinstance(table.node, Table) else ():
            kind = value.peek("Type")
            if kind is not None and isinstance(kind.node, Leaf) and isinstance(kind.node.value, str):
                yield name, value, kind.node.value

    def property(self, resource: Value, kind: str, name: str) -> Value | None:
        """A property of a resource's own, else of `Globals`, which are read for serverless functions only."""
        own = resource.peek("Properties", name)
        if own is not None or kind != SERVERLESS:
            return own
        return self.main.peek("Globals", "Function", name)

    def properties(self, resource: Value, kind: str, name: str) -> Iterator[Value]:
        """The same of a list, of which that of `Globals` and the resource's own add up."""
        shared = self.main.peek("Globals", "Function", name) if kind == SERVERLESS else None
        own = resource.peek("Properties", name)
        yield from (each for each in (shared, own) if each is not None)

    def all(self) -> Iterator[Stack]:
        """This one and every one below it."""
        yield self
        for stack in self.nested.values():
            yield from stack.all()

    def local(self, value: Value | None) -> str | None:
        """The path, relative to the service, that a property names; None where it is no path of this machine."""
        if value is None or not isinstance(value.node, Leaf) or not isinstance(value.node.value, str):
            return None
        text = value.node.value.replace("\\", "/")
        if not text.strip() or "://" in text or posixpath.isabs(text):
            return None
        return posixpath.normpath(posixpath.join(self.folder, text))


def load_stacks(document: Node, files: Files, options: LoadOptions, findings: Findings) -> Stack | None:
    """The template `document`, and those nested in it; None, with an error noted, where it is none."""
    given: dict[str, Node] = {name: Leaf(text, document.at) for name, text in options.params.items()}
    return _stack(document, document.at.path, (), given, _Source(files, options, findings, ()))


def open_stacks(root: Path, file: str, options: LoadOptions) -> Stack:
    """The template in a file of the service, by itself. Raises ConfigError."""
    files, findings = Files(root), Findings()
    document: Node | None = None
    try:
        document = files.document(file)
    except DocumentError as error:
        findings.error(Code.CONFIG_SYNTAX, error.message, error.at)
    else:
        if document is None:
            findings.error(Code.CONFIG_NOT_FOUND, f"there is no file `{file}`", None)
    stack = load_stacks(document, files, options, findings) if document is not None else None
    findings.finish()
    if stack is None:  # pragma: no cover - what gives nothing has noted why
        raise AssertionError("no template and no error")
    return stack


@dataclass(frozen=True, slots=True)
class _Source:
    files: Files
    options: LoadOptions
    findings: Findings
    above: tuple[str, ...]
    """The files that lead here: none of them can be nested in itself."""


def _stack(
    document: Node, file: str, path: tuple[str, ...], given: Mapping[str, Node], source: _Source
) -> Stack | None:
    if not isinstance(document, Table):
        source.findings.error(Code.BAD_VALUE, "a template must be a map", document.at)
        return None
    resolve = Intrinsics(_scope(document, path, given, source.options)).resolve
    alone = Stack(file, path, Value(document, "", source.findings, resolve), {})
    nested: dict[str, Stack] = {}
    for name, resource, kind in alone.resources():
        inner = _nested(alone, name, resource, kind, source) if kind in NESTED else None
        if inner is not None:
            nested[name] = inner
    return Stack(file, path, alone.main, nested)


def _scope(document: Table, path: tuple[str, ...], given: Mapping[str, Node], options: LoadOptions) -> Scope:
    conditions, resources = document.entries.get("Conditions"), document.entries.get("Resources")
    return Scope(
        values={**pseudo_parameters(document, options), **parameter_values(document, given)},
        mappings=document.entries.get("Mappings"),
        conditions=conditions.entries if isinstance(conditions, Table) else {},
        resources={name: "-".join((*path, name)) for name in resources.entries} if isinstance(resources, Table) else {},
    )


def _nested(parent: Stack, name: str, resource: Value, kind: str, source: _Source) -> Stack | None:
    location = resource.peek("Properties", NESTED[kind])
    file = parent.local(location)
    if file is None or location is None:
        return None
    if file in (*source.above, parent.file):
        steps = " → ".join(f"`{step}`" for step in (*source.above, parent.file, file))
        location.error(Code.VARIABLE_CYCLE, f"the template leads back to itself: {steps}")
        return None
    try:
        document = source.files.document(file)
    except DocumentError as error:
        source.findings.error(Code.CONFIG_SYNTAX, error.message, error.at)
        return None
    if document is None:
        message = f"there is no template `{file}`"
        location.error(Code.INCLUDE_NOT_FOUND, message, "correct the path; it is relative to the template's folder")
        return None
    parameters = resource.peek("Properties", "Parameters")
    given = {key: value.node for key, _, value in parameters.pairs()} if parameters else {}
    below = _Source(source.files, source.options, source.findings, (*source.above, parent.file))
    return _stack(document, file, (*parent.path, name), given, below)

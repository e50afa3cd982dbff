"""The layers of a template: what slspack builds of each, and which of them a function names.

Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-layers.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.layout import has_requirements
from slspack.config.nodes import Items, Leaf, Unresolved
from slspack.config.template.stacks import ARCHIVES, LAYERS
from slspack.model import BuiltLayer, FolderLayer, RequirementSet, Resolver, ServiceLayers
from slspack.targets import parse_architecture, parse_target, runtime_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.config.template.stacks import Stack
    from slspack.config.value import Value
    from slspack.model import RequirementLayer, Target
    from slspack.tree import ServiceTree

_UV = "python-uv"


def read_template_layers(
    main: Stack, requirements: tuple[RequirementLayer, ...], resolver: Resolver, tree: ServiceTree
) -> ServiceLayers:
    """The layers of all templates that slspack builds, beside those of distributions that its settings declare.

    Those of other languages, with a Makefile or with content elsewhere are left alone.
    """
    reader = _Reader(resolver, tree)
    found = [layer for stack in main.all() for layer in reader.layers(stack)]
    taken = {layer.name for layer in found}
    for layer in requirements:
        if layer.name in taken:
            message = f"`{layer.name}` is the name of two layers: of slspack's settings, and of the template"
            main.main.findings.error(Code.BAD_VALUE, message, layer.location, "give one of them another name")
    built = tuple(layer for layer in found if isinstance(layer, BuiltLayer))
    folders = tuple(layer for layer in found if isinstance(layer, FolderLayer))
    return ServiceLayers(requirements, folders, built)


def layers_of(stack: Stack, resource: Value, kind: str, layers: ServiceLayers) -> tuple[str | None, ...] | None:
    """A function's layers and those of `Globals`, which add up: names of the service's, None for each of others.

    None where it cannot be told which there are.
    """
    known = {layer.name for layer in layers.folders} | {layer.name for layer in layers.built}
    names: list[str | None] = []
    for value in stack.properties(resource, kind, "Layers"):
        if not isinstance(value.node, Items):
            return None
        for element in value.elements():
            name = element.node.resource if isinstance(element.node, Unresolved) else None
            names.append(name if name in known else None)
    return tuple(names)


class _Reader:
    """How each layer is read."""

    def __init__(self, resolver: Resolver, tree: ServiceTree) -> None:
        self._resolver = resolver
        self._tree = tree

    def layers(self, stack: Stack) -> Iterator[BuiltLayer | FolderLayer]:
        """Those of one template."""
        for logical, resource, kind in stack.resources():
            if kind in LAYERS:
                layer = self._layer(stack, stack.name_of(logical), resource, kind)
                if layer is not None:
                    yield layer

    def _layer(self, stack: Stack, name: str, resource: Value, kind: str) -> BuiltLayer | FolderLayer | None:
        content = resource.peek("Properties", LAYERS[kind])
        text = content.node.value if content is not None and isinstance(content.node, Leaf) else None
        folder = stack.local(content)
        if content is None or folder is None or not isinstance(text, str) or text.lower().endswith(ARCHIVES):
            return None  # in S3, or made already
        if folder.split("/")[0] == "..":
            message = f"the layer `{name}` is left to SAM: `{text}` lies outside the service"
            hint = "name the folder above both with `-C`"
            content.findings.warning(Code.LAYER_OUTSIDE, message, content.at, hint)
            return None
        method = _method(resource)
        if method is not None and not method.startswith("python"):
            message = f"layer `{name}` is left alone: BuildMethod {method}"
            content.findings.notice(Code.LAYER_LEFT_ALONE, message, resource.at)
            return None
        if not self._tree.is_folder(folder):
            content.error(Code.BAD_VALUE, f"`{content.path}`: there is no folder `{folder}`", "correct the path")
            return None
        if method is None:
            return FolderLayer(name, folder, location=resource.at)
        target = _target(resource, method)
        requirements = RequirementSet(folder, resolver=self._resolver)
        own = requirements if has_requirements(folder, self._tree) else None
        return BuiltLayer(name, folder, target, own, location=resource.at) if target else None


def _method(resource: Value) -> str | None:
    """How `sam build` builds a layer; None where it leaves it as it is."""
    skip = resource.peek("Metadata", "SkipBuild")
    method = resource.peek("Metadata", "BuildMethod")
    return None if method is None or (skip is not None and skip.flag()) else method.text()


def _target(resource: Value, method: str) -> Target | None:
    """What a layer is built for: without a `BuildArchitecture` x86_64, whatever it says that it is compatible with."""
    runtime = method
    if method == _UV:
        listed = resource.peek("Properties", "CompatibleRuntimes")
        first = next(listed.elements(), None) if listed else None
        runtime = (first.text() if first else None) or ""
    said = resource.peek("Metadata", "BuildArchitecture")
    architecture = parse_architecture((said.text() if said else None) or "x86_64")
    target = parse_target(runtime, architecture.value) if architecture else None
    if target is None:
        place = resource.peek("Metadata")
        subject = f"the layer's runtime `{runtime}`" if architecture else "the layer's `BuildArchitecture`"
        message = f"`{resource.path}`: {subject} is not supported"
        hint = f"slspack knows `{runtime_names()[0]}` to `{runtime_names()[-1]}`, for `x86_64` and `arm64`"
        resource.findings.error(Code.UNSUPPORTED_RUNTIME, message, place.at if place else resource.at, hint)
    return target

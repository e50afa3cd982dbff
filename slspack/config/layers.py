"""Reads which layers a service has, and which of them its functions name."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.findings import nearest
from slspack.config.nodes import Items, Leaf, Table, Tagged
from slspack.config.patterns import framework_patterns
from slspack.config.places import Place
from slspack.config.policy import read_distribution
from slspack.config.settings import check_keys, setting
from slspack.frozen import dataclass
from slspack.model import FolderLayer, LayerDescription, RequirementLayer, ServiceLayers, logical_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.config.value import Value
    from slspack.model import DistName
    from slspack.tree import ServiceTree

SERVICE_LAYER = "pythonRequirements"
"""The layer of `layer: true`, as serverless-python-requirements calls it."""


@dataclass(frozen=True, slots=True)
class LayerUse:
    """The layers that a function names: of distributions (None: it names none), of folders, and how many more."""

    layers: tuple[str, ...] | None = None
    folders: tuple[str, ...] = ()
    foreign: int = 0


def read_layers(
    settings: Value | None, tree: ServiceTree, inherited: Value | None = None, declared: Value | None = None
) -> ServiceLayers:
    """slspack's `layer` and `layers`, `custom.pythonRequirements.layer`, and the Framework's own `layers`."""
    folders = tuple(_folder_layers(declared, tree)) if declared else ()
    taken = {folder.name: folder for folder in folders}
    found = list(_requirement_layers(settings, inherited))
    for layer in found:
        if layer.name in taken and settings is not None:
            message = f"`{layer.name}` is the name of two layers: of distributions, and of a folder"
            settings.findings.error(Code.BAD_VALUE, message, layer.location, "give one of them another name")
    return ServiceLayers(tuple(found), folders)


def attached_layers(attached: Value | None, layers: ServiceLayers) -> tuple[str | None, ...] | None:
    """The service's layers that `Ref`s of a list name, and None for each that is no such; None where it is no list."""
    if attached is None or not isinstance(attached.node, Items):
        return None
    names = [layer.name for layer in layers.requirements] + [layer.name for layer in layers.folders]
    known = {logical_id(name): name for name in names}
    return tuple(known.get(_reference(element) or "") for element in attached.elements())


def read_layer_use(settings: Value | None, attached: tuple[str | None, ...] | None, layers: ServiceLayers) -> LayerUse:
    """What a function's `layers` of slspack's say, and those of the deploy tool, as `attached_layers` has them."""
    requirements = {layer.name for layer in layers.requirements}
    named = [name for name in attached or () if name in requirements]
    used = [name for name in attached or () if name is not None and name not in requirements]
    foreign = sum(name is None for name in attached or ())
    own = setting(settings, "layers", Place.CUSTOM_FUNCTION | Place.OWN_FUNCTION)
    if own is not None:
        named += _known(own, layers)
    elif not named:
        return LayerUse(None, tuple(used), foreign)
    return LayerUse(tuple(dict.fromkeys(named)), tuple(used), foreign)


def read_zip(settings: Value | None, *, base: bool) -> bool:
    """What `zip` says, else what the service does."""
    value = setting(settings, "zip")
    flag = value.flag() if value else None
    return base if flag is None else flag


def _known(value: Value, layers: ServiceLayers) -> Iterator[str]:
    names = [layer.name for layer in layers.requirements]
    for element in value.elements():
        name = element.text()
        if name in names:
            yield name
        elif name is not None:
            has = ", ".join(f"`{each}`" for each in names) or "no layer"
            hint = nearest(name, names) or f"the service declares {has} under `layer` and `layers`"
            element.error(Code.NO_SUCH_LAYER, f"`{element.path}`: no layer `{name}` in the service", hint)


def _reference(value: Value) -> str | None:
    """What `{Ref: X}` or `!Ref X` refers to."""
    match value.node:
        case Table(entries={"Ref": Leaf(value=str(name))}) | Tagged(tag="!Ref", inner=Leaf(value=str(name))):
            return name
    return None


def _requirement_layers(settings: Value | None, inherited: Value | None) -> Iterator[RequirementLayer]:
    own = setting(settings, "layer")
    found = own or (inherited.peek("layer") if inherited else None)
    if found is not None and (isinstance(found.node, Table) or found.flag()):
        if own is not None and isinstance(own.node, Table):
            check_keys(own, Place.LAYER)
        yield RequirementLayer(
            SERVICE_LAYER, by_reference=own is None, description=_description(found), location=found.at
        )
    several = setting(settings, "layers", Place.CUSTOM | Place.OWN)
    for name, at, value in several.pairs() if several else ():
        if not isinstance(value.node, Table):
            value.wrong("a map")
            continue
        check_keys(value, Place.LAYER | Place.NAMED_LAYER)
        distributions = tuple(_distributions(value))
        groups = value.get("groups")
        if not distributions and groups is None:
            hint = "name what it holds: `distributions: [numpy]` or `groups: [scientific]`"
            value.error(Code.REQUIRED_MISSING, f"the layer `{name}` says nothing of what it holds", hint)
        names = groups.texts() if groups else ()
        yield RequirementLayer(name, distributions, names, description=_description(value), location=at)


def _distributions(value: Value) -> Iterator[DistName]:
    listed = value.get("distributions")
    for element in listed.elements() if listed else ():
        text = element.text()
        name = read_distribution(text, element) if text is not None else None
        if name:
            yield name


def _description(value: Value) -> LayerDescription:
    if not isinstance(value.node, Table):
        return LayerDescription()

    def text(name: str) -> str | None:
        found = setting(value, name, Place.LAYER)
        return found.text() if found else None

    def texts(name: str) -> tuple[str, ...]:
        found = setting(value, name, Place.LAYER)
        return found.texts() if found else ()

    retain = setting(value, "retain", Place.LAYER)
    return LayerDescription(
        title=text("name"),
        text=text("description"),
        runtimes=texts("compatibleRuntimes"),
        architectures=texts("compatibleArchitectures"),
        license=text("licenseInfo"),
        accounts=texts("allowedAccounts"),
        retain=bool(retain and retain.flag()),
    )


def _folder_layers(declared: Value, tree: ServiceTree) -> Iterator[FolderLayer]:
    """The Framework's layers that have a folder; what has an artifact already, or is no map, is not slspack's."""
    if not isinstance(declared.node, Table):
        return
    for name, at, value in declared.pairs():
        path = value.peek("path")
        if path is None or value.peek("package", "artifact") is not None:
            continue
        written = path.text()
        if written is None:
            continue
        folder = posixpath.normpath(written.rstrip("/"))
        if folder.startswith(("/", "../")) or folder == "..":
            message = f"the layer `{name}` is left to the Framework: `{written}` lies outside the service"
            value.findings.warning(Code.LAYER_OUTSIDE, message, path.at, "move the folder into the service")
        elif not tree.is_folder(folder):
            path.error(Code.BAD_VALUE, f"`{path.path}`: there is no folder `{written}`")
        else:
            patterns = framework_patterns(None, value.peek("package"))
            yield FolderLayer(name, folder, patterns, _description(value), at)

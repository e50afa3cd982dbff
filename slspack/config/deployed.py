"""What a service's functions and layers are called once they are deployed, and what is said of their old versions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.config.findings import Findings
from slspack.config.load import FRAMEWORK, TEMPLATE, ServiceReader, load_service, own_readers
from slspack.config.nodes import Leaf
from slspack.config.template.stacks import CODE, load_stacks
from slspack.config.value import Value
from slspack.config.variables import FrameworkSources
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.config.documents import Files
    from slspack.config.nodes import Node
    from slspack.model import Service
    from slspack.options import LoadOptions

_LAYERS = frozenset({"AWS::Serverless::LayerVersion", "AWS::Lambda::LayerVersion"})


@dataclass(frozen=True, slots=True)
class Pruning:
    """`custom.prune` of a `serverless.yml`: settings of serverless-prune-plugin's own. None where nothing is said."""

    number: int | None = None
    include_layers: bool | None = None


@dataclass(frozen=True, slots=True)
class Deployed:
    """Names by those in the configuration; None where only the cloud knows."""

    functions: Mapping[str, str | None]
    layers: Mapping[str, str | None]
    region: str | None = None
    pruning: Pruning = Pruning()


def read_deployed(root: Path, options: LoadOptions) -> Deployed:
    """Read the configuration of a service for its names. Raises ConfigError, as reading it for a build does."""
    read: list[Deployed] = []
    service = load_service(root, options, readers=[_noting(reader, read) for reader in own_readers()])
    functions = dict.fromkeys((*(f.name for f in service.functions), *(s.name for s in service.skipped)))
    declared = service.layers
    layers = dict.fromkeys((*(one.name for one in declared.requirements), *(one.name for one in declared.folders)))
    told = read[0] if read else Deployed({}, {})
    return replace(told, functions={**functions, **told.functions}, layers={**layers, **told.layers})


def _noting(reader: ServiceReader, read: list[Deployed]) -> ServiceReader:
    """A reader that notes the names, too."""

    def load(document: Node, files: Files, options: LoadOptions, findings: Findings) -> Service | None:
        service = reader.read(document, files, options, findings)
        if service is not None and reader is FRAMEWORK:
            read.append(_of_framework(document, files, options, findings, service))
        elif service is not None and reader is TEMPLATE:
            read.append(_of_template(document, files, options))
        return service

    return replace(reader, read=load)


def _of_framework(document: Node, files: Files, options: LoadOptions, findings: Findings, service: Service) -> Deployed:
    """As the Framework names them: `SERVICE-STAGE-FUNCTION` unless a function has a `name`, layers as they are."""
    resolve = FrameworkSources(document, files, options).resolver.resolve
    main = Value(resolve(document), "", Findings(), resolve)
    tables = main.get("functions")
    functions = {
        name: _told(value, "name", f"{service.name}-{service.stage}-{name}")
        for table in (tables.elements() if tables else ())
        for name, _, value in table.pairs()
    }
    layers = main.get("layers")
    named = {name: _told(value, "name", name) for name, _, value in layers.pairs()} if layers else {}
    pruning = _pruning(replace(main, findings=findings).peek("custom", "prune"))
    return Deployed(functions, named, _literal(main.peek("provider", "region")), pruning)


def _pruning(value: Value | None) -> Pruning:
    number = value.get("number") if value else None
    layers = value.get("includeLayers") if value else None
    return Pruning(number.whole(0) if number else None, layers.flag() if layers else None)


def _of_template(document: Node, files: Files, options: LoadOptions) -> Deployed:
    """CloudFormation makes names up, unless a template tells them."""
    stack = load_stacks(document, files, options, Findings())
    functions: dict[str, str | None] = {}
    layers: dict[str, str | None] = {}
    for each in stack.all() if stack else ():
        for logical, resource, kind in each.resources():
            if kind in CODE:
                functions[each.name_of(logical)] = _literal(resource.peek("Properties", "FunctionName"))
            elif kind in _LAYERS:
                layers[each.name_of(logical)] = _literal(resource.peek("Properties", "LayerName"))
    return Deployed(functions, layers)


def _told(value: Value, key: str, otherwise: str) -> str | None:
    told = value.peek(key)
    return otherwise if told is None else _literal(told)


def _literal(value: Value | None) -> str | None:
    node = value.node if value else None
    return node.value if isinstance(node, Leaf) and isinstance(node.value, str) else None

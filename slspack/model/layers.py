"""Layers: what a service declares, and what one was planned to hold."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.model.finding import Location
    from slspack.model.names import DistName
    from slspack.model.plan import Plan
    from slspack.model.service import Pattern, RequirementSet
    from slspack.model.target import Target


@dataclass(frozen=True, slots=True)
class LayerDescription:
    """What AWS is told of a layer, in the words of the Serverless Framework."""

    title: str | None = None
    """The layer's name in AWS, where it is not the one that the deploy tool gives it."""
    text: str | None = None
    runtimes: tuple[str, ...] = ()
    """Empty: the one that it is built for."""
    architectures: tuple[str, ...] = ()
    """Likewise."""
    license: str | None = None
    accounts: tuple[str, ...] = ()
    """Who else may use it; `*` for everybody."""
    retain: bool = False
    """Whether a deployment keeps the versions before it."""


@dataclass(frozen=True, slots=True)
class RequirementLayer:
    """A layer of distributions. Without `distributions` and `groups` it holds whatever no other layer holds."""

    name: str
    distributions: tuple[DistName, ...] = ()
    groups: tuple[str, ...] = ()
    by_reference: bool = False
    """Whether only functions that name it use it; otherwise all do that need something of it and name no layer."""
    description: LayerDescription = field(default_factory=LayerDescription)
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class FolderLayer:
    """A layer that is a folder of the service, with the Serverless Framework's rules for what of it goes in."""

    name: str
    path: str
    patterns: tuple[Pattern, ...] = ()
    """Relative to the folder."""
    description: LayerDescription = field(default_factory=LayerDescription)
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class BuiltLayer:
    """A layer that is built of a folder of the service: what is required there, and its files, under `python/`."""

    name: str
    path: str
    target: Target
    requirements: RequirementSet | None = None
    """None where the folder has none of its own."""
    description: LayerDescription = field(default_factory=LayerDescription)
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class ServiceLayers:
    """All layers that a service declares. No two of them share a name."""

    requirements: tuple[RequirementLayer, ...] = ()
    folders: tuple[FolderLayer, ...] = ()
    built: tuple[BuiltLayer, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    """A layer for one target, as it will be written."""

    layer: RequirementLayer | FolderLayer | BuiltLayer
    name: str
    """The layer's own, followed by the target where the layer is there for several."""
    plan: Plan
    functions: tuple[str, ...]
    """Those that use it, in the order of the configuration."""


def logical_id(name: str) -> str:
    """What the Serverless Framework calls a layer's resource in its template: `PythonRequirementsLambdaLayer`."""
    plain = name.replace("-", "Dash").replace("_", "Underscore")
    return f"{plain[:1].upper()}{plain[1:]}LambdaLayer"

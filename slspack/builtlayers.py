"""Layers that are built of a folder with requirements of its own: what each holds."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Finding, PlannedLayer, Severity

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from slspack.analysis import Analysis
    from slspack.bundle import Plugged
    from slspack.model import BuiltLayer, Function, LockedDistribution

    Plugging: TypeAlias = Callable[[str, tuple[Function, ...]], Plugged | None]


def plan_built_layers(analysis: Analysis, plugged: Plugging) -> tuple[PlannedLayer, ...]:
    """Plan each of them. Raises SLS0613 for one that would hold nothing, and as `plan_layer` does."""
    return tuple(_planned(layer, analysis, plugged) for layer in analysis.service.layers.built)


def _planned(layer: BuiltLayer, analysis: Analysis, plugged: Plugging) -> PlannedLayer:
    from slspack.bundle import LayerContent, files_of, plan_layer

    functions = analysis.service.functions
    users = tuple(function for function in functions if layer.name in function.folder_layers)
    held = _held(layer, analysis)
    files = files_of(layer.path, analysis.tree, _is_content)
    if not held and not files:
        raise SlspackError([_empty(layer)])
    lock = analysis.layer_locks.get(layer.name)
    facts = analysis.facts.of(lock) if lock else {}
    deciding = users or functions
    content = LayerContent(layer.name, layer.target, held, deciding, files)
    more = plugged(f"layers/{layer.name}", deciding) if deciding else None
    plan = plan_layer(content, analysis.graphs, analysis.tree, facts, more)
    return PlannedLayer(layer, layer.name, plan, tuple(user.name for user in users))


def _held(layer: BuiltLayer, analysis: Analysis) -> tuple[LockedDistribution, ...]:
    """What is listed for the layer, with all that it requires."""
    from slspack.trace import with_requirements

    lock = analysis.layer_locks.get(layer.name)
    if lock is None:
        return ()
    names = [listed.name for listed in lock.listed]
    return with_requirements(names, lock, analysis.facts.of(lock), frozenset())


def _is_content(inside: str) -> bool:
    """Whether a file is more than what says what the layer is built of."""
    from slspack.config.layout import REQUIREMENT_FILES

    return not any(fnmatchcase(inside, glob) for glob in REQUIREMENT_FILES)


def _empty(layer: BuiltLayer) -> Finding:
    message = f"the layer `{layer.name}` would hold nothing: `{layer.path}` has no requirements and no other file"
    hint = "put files there, or remove the layer"
    return Finding(Code.LAYER_EMPTY, Severity.ERROR, message, layer.location, hint)

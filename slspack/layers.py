"""Which layers a service gets, what each holds, which functions use it, and what these still carry themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.frozen import dataclass
from slspack.model import Finding, LeftOut, PlannedLayer, RuntimeProvided, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    from slspack.analysis import Analysis
    from slspack.bundle import Plugged
    from slspack.memory import LockGroup, Recall
    from slspack.model import Closure, DistName, Function, LockedDistribution, RequirementLayer, Service, Target

    Plugging: TypeAlias = Callable[[str, tuple[Function, ...], str], Plugged | None]

ROOT = "/opt/python"
"""Where Lambda puts what stands in `python/` of a layer."""


@dataclass(frozen=True, slots=True)
class Layering:
    """The layers of distributions, and by the functions' names the closures without what their layers hold."""

    layers: tuple[PlannedLayer, ...]
    closures: Mapping[str, Closure]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Share:
    """What a layer would hold for the functions that share a lock, and those of them that use it."""

    group: LockGroup
    distributions: tuple[LockedDistribution, ...]
    users: tuple[Function, ...]


def draw_layers(analysis: Analysis, recall: Recall | None, plugged: Plugging) -> Layering:
    """Plan the layers of distributions. What is wrong is a finding of severity ERROR, in place of the layer.

    `plugged` gives what plugins say of the files of a layer for its users.
    """
    if not analysis.service.layers.requirements and not analysis.service.layers.built:
        return Layering((), analysis.closures)
    drawn, findings = _requirement_layers(analysis, recall, plugged)
    layers = (*drawn, *_built_layers(analysis, plugged))
    if recall and layers == recall.memory.layers and analysis.closures is recall.memory.closures:
        layers = recall.memory.layers
    return Layering(layers, _carried(analysis, layers), findings)


def _built_layers(analysis: Analysis, plugged: Plugging) -> tuple[PlannedLayer, ...]:
    if not analysis.service.layers.built:
        return ()
    from slspack.builtlayers import plan_built_layers

    return plan_built_layers(analysis, lambda name, functions: plugged(name, functions, ROOT))


def _requirement_layers(
    analysis: Analysis, recall: Recall | None, plugged: Plugging
) -> tuple[tuple[PlannedLayer, ...], tuple[Finding, ...]]:
    """The layers of distributions that slspack's settings declare."""
    declared = analysis.service.layers.requirements
    memory = recall.memory if recall else None
    known = memory.layers if memory and analysis.service.layers == memory.service.layers else None
    if recall and known is not None and analysis.closures is recall.memory.closures and _as_read(known, recall):
        return tuple(one for one in known if one.layer in declared), recall.memory.layer_findings
    made: list[PlannedLayer] = []
    findings: list[Finding] = []
    # A layer that says nothing of what it holds gets what the others leave.
    for layer in sorted(declared, key=_holds_the_rest):
        shares = [_share(layer, group, analysis, made) for group in analysis.groups if group.functions]
        findings += _remarks(layer, shares, analysis)
        if any(share.users for share in shares):
            shares = [share for share in shares if share.users]
        elif not layer.by_reference:
            continue
        made += _planned(layer, shares, analysis, plugged, findings)
    return tuple(made), tuple(findings)


def folder_layers(analysis: Analysis) -> tuple[PlannedLayer, ...]:
    """Plan the layers that are folders. Raises as `plan_folder` does."""
    service = analysis.service
    if not service.layers.folders:
        return ()
    from slspack.bundle import plan_folder

    return tuple(
        PlannedLayer(
            folder,
            folder.name,
            plan_folder(folder, analysis.tree),
            tuple(function.name for function in service.functions if folder.name in function.folder_layers),
        )
        for folder in service.layers.folders
    )


def drafted_for(layer: PlannedLayer, service: Service) -> tuple[Function, ...]:
    """The functions that a layer of distributions is made for: its users, or all of its target where there is none."""
    users = tuple(function for function in service.functions if function.name in layer.functions)
    of_target = tuple(function for function in service.functions if function.target == layer.plan.target)
    return users or of_target or service.functions


def _as_read(layers: Sequence[PlannedLayer], recall: Recall) -> bool:
    """Whether no file that plugins have read for the layers has changed."""
    return not any(path in recall.changes.files for layer in layers for path in layer.plan.made_of)


def _holds_the_rest(layer: RequirementLayer) -> bool:
    return not layer.distributions and not layer.groups


def _share(layer: RequirementLayer, group: LockGroup, analysis: Analysis, made: Iterable[PlannedLayer]) -> _Share:
    from slspack.trace import with_requirements

    lock = analysis.locks[group.functions[0].name]
    barred = frozenset.intersection(*map(_barred, group.functions))
    if _holds_the_rest(layer):
        names = [listed.name for listed in lock.listed]
    else:
        names = [*layer.distributions, *(listed.name for listed in lock.listed if listed.group in layer.groups)]
    found = with_requirements(names, lock, analysis.facts.of(lock), barred)
    if _holds_the_rest(layer):
        elsewhere = {part.distribution for other in made for part in other.plan.wheels}
        found = tuple(distribution for distribution in found if distribution not in elsewhere)
    held = {distribution.name for distribution in found}
    users = tuple(function for function in group.functions if _uses(function, layer, held, analysis.closures))
    return _Share(group, found, users)


def _barred(function: Function) -> frozenset[DistName]:
    from slspack.targets import provided_distributions

    barred = frozenset(function.policy.exclude_distributions)
    if function.policy.runtime_provided is RuntimeProvided.EXCLUDE:
        barred |= provided_distributions()
    return barred


def _uses(function: Function, layer: RequirementLayer, held: set[DistName], closures: Mapping[str, Closure]) -> bool:
    if function.image:
        return False  # Lambda gives an image no layers
    if function.layers is not None:
        return layer.name in function.layers
    needed = (member.distribution.name for member in closures[function.name].members)
    return not layer.by_reference and not held.isdisjoint(needed)


def _planned(
    layer: RequirementLayer,
    shares: Sequence[_Share],
    analysis: Analysis,
    plugged: Plugging,
    findings: list[Finding],
) -> list[PlannedLayer]:
    """The layer once for each target of its users."""
    from slspack.bundle import LayerContent, plan_layer

    by_target: dict[Target, list[_Share]] = {}
    for share in shares:
        by_target.setdefault(share.group.target, []).append(share)
    made: list[PlannedLayer] = []
    for target, together in by_target.items():
        held: dict[DistName, LockedDistribution] = {}
        for distribution in (one for share in together for one in share.distributions):
            other = held.setdefault(distribution.name, distribution)
            if other.wheel.sha256 != distribution.wheel.sha256:
                findings.append(_conflict(layer, other, distribution))
        if not held:
            continue
        users = tuple(user for share in together for user in share.users)
        deciding = users or tuple(function for share in together for function in share.group.functions)
        name = layer.name if len(by_target) == 1 else f"{layer.name}{_suffix(target)}"
        ordered = tuple(held[each] for each in sorted(held))
        locks = [analysis.locks[share.group.functions[0].name] for share in together]
        hashes = {distribution.wheel.sha256 for distribution in ordered}
        known = [each for lock in locks for each in analysis.facts.of(lock).items()]
        facts = dict(sorted(known, key=lambda each: each[1].sha256 in hashes))
        content = LayerContent(name, target, ordered, deciding)
        plan = plan_layer(content, analysis.graphs, analysis.tree, facts, plugged(f"layers/{name}", deciding, ROOT))
        names = {user.name for user in users}
        in_order = tuple(function.name for function in analysis.service.functions if function.name in names)
        made.append(PlannedLayer(layer, name, plan, in_order))
    return made


def _suffix(target: Target) -> str:
    """`Python313Arm64`: what a layer's name and a resource's may both end in."""
    words = f"{target.runtime} {target.architecture.value}".replace(".", "").replace("_", "").split()
    return "".join(word.capitalize() for word in words)


def _carried(analysis: Analysis, layers: Iterable[PlannedLayer]) -> Mapping[str, Closure]:
    """Each function's closure without the distributions that its layers hold."""
    held: dict[str, dict[str, str]] = {}
    for layer in layers:
        for name in layer.functions:
            mine = held.setdefault(name, {})
            mine |= {part.distribution.wheel.sha256: layer.name for part in layer.plan.wheels}
    return {name: _without(closure, held.get(name, {})) for name, closure in analysis.closures.items()}


def _without(closure: Closure, held: Mapping[str, str]) -> Closure:
    if not held:
        return closure
    elsewhere = [member.distribution for member in closure.members if member.distribution.wheel.sha256 in held]
    return replace(
        closure,
        members=tuple(member for member in closure.members if member.distribution.wheel.sha256 not in held),
        left_out=(*closure.left_out, *(LeftOut(d, f"the layer `{held[d.wheel.sha256]}` holds it") for d in elsewhere)),
    )


def _remarks(layer: RequirementLayer, shares: Sequence[_Share], analysis: Analysis) -> Iterable[Finding]:
    locked = {distribution.name for lock in analysis.locks.values() for distribution in lock.distributions}
    for name in layer.distributions:
        if name not in locked:
            message = f"the layer `{layer.name}` is to hold `{name}`, which no requirement brings"
            hint = "correct its name, or add it to the requirements"
            yield Finding(Code.UNKNOWN_DISTRIBUTION, Severity.WARNING, message, layer.location, hint)
    if not any(share.distributions for share in shares):
        message = f"the layer `{layer.name}` would hold nothing"
        hint = "see that its distributions or groups are among the functions' requirements"
        yield Finding(Code.LAYER_EMPTY, Severity.ERROR, message, layer.location, hint)
    elif not any(share.users for share in shares):
        from slspack.model import logical_id

        message = f"no function uses the layer `{layer.name}`"
        hint = f"give a function `layers: [{{Ref: {logical_id(layer.name)}}}]`, or remove the layer"
        if not layer.by_reference:
            hint = f"give a function `layers: [{layer.name}]`, or remove the layer"
        yield Finding(Code.LAYER_UNUSED, Severity.WARNING, message, layer.location, hint)


def _conflict(layer: RequirementLayer, one: LockedDistribution, other: LockedDistribution) -> Finding:
    return Finding(
        Code.LAYER_CONFLICT,
        Severity.ERROR,
        f"the layer `{layer.name}` would hold `{one.name}` {one.version} and {other.version}: "
        "its functions do not share their requirements",
        layer.location,
        "give them the same requirements, or let some go without the layer (`layers: []`)",
    )

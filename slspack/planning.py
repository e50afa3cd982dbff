"""From one analysis to the plans of all artifacts: of functions, of what they share, and of their layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.analysis import raise_errors
from slspack.bundle.renewal import fingerprint, with_contents
from slspack.frozen import dataclass
from slspack.keys import key_of
from slspack.layers import Layering, draw_layers, folder_layers
from slspack.model import ArtifactFormat, KeptSource
from slspack.plugins import ENTRY_HOOKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slspack.analysis import Analysis
    from slspack.bundle import Plugged
    from slspack.edges import Edges
    from slspack.looks import Looks
    from slspack.memory import Recall
    from slspack.model import (
        ArchivePath,
        Closure,
        DistName,
        Function,
        LockedDistribution,
        Plan,
        PlannedLayer,
        Service,
        WheelFacts,
    )
    from slspack.plugins import Host
    from slspack.request import BuildRequest
    from slspack.trace import StoredWheelImports


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans of a request's artifacts by name, and its layers; `layering` is None where functions are whole."""

    artifacts: Mapping[str, Plan]
    layers: tuple[PlannedLayer, ...]
    layering: Layering | None


def plan_all(
    analysis: Analysis,
    functions: tuple[Function, ...],
    request: BuildRequest,
    edges: Edges,
    host: Host,
    looks: Looks,
    recall: Recall | None,
) -> Plans:
    """Plan the artifacts of these functions. `looks` is told what plugins look at. Raises SlspackError."""
    service = analysis.service
    planner = _Planner(analysis, request, edges, host, looks, recall)
    # An emulator's processes have no layers: what they serve is whole.
    is_whole = request.live or request.whole
    layering = draw_layers(analysis, planner.recall, planner.plugged) if not is_whole else None
    raise_errors((*analysis.findings, *(layering.findings if layering else ())))
    plans = planner.plans(functions, layering or Layering((), analysis.closures))
    if service.build.image.extra_files:
        plans = _with_extra_files(plans, analysis, edges, recall)
    plans = _image_plans(plans, service)
    if layering is None:
        return Plans(plans, (), None)
    names = {function.name for function in functions}
    layers = tuple(
        layer
        for layer in (*layering.layers, *folder_layers(analysis))
        if not names.isdisjoint(layer.functions) or not (request.names or layer.functions)
    )
    return Plans(plans, layers, layering)


def pruning(
    analysis: Analysis, function: Function, request: BuildRequest, edges: Edges, host: Host, looks: Looks
) -> Callable[[LockedDistribution], frozenset[ArchivePath]] | None:
    """What plugins leave out of the wheels in a function's own artifact; None where no plugin does such a thing."""
    if not host.has("slspack_prune_wheel"):
        return None
    from slspack.bundle.layouts import layout_of
    from slspack.bundle.plan import own_entries

    plugged = _Planner(analysis, request, edges, host, looks, None).plugged(function.name, (function,))
    if plugged is None:
        return None
    plugged.entries(own_entries(function, analysis.graphs[function.name], analysis.tree))
    facts = analysis.facts_of(function)

    def pruned(distribution: LockedDistribution) -> frozenset[ArchivePath]:
        layout = layout_of(facts[distribution.name], function.selections.of(distribution.name))
        return plugged.pruned(distribution, layout)

    return pruned


class _Planner:
    """Plans the artifacts of one analysis."""

    def __init__(
        self, analysis: Analysis, request: BuildRequest, edges: Edges, host: Host, looks: Looks, recall: Recall | None
    ) -> None:
        self._analysis = analysis
        self._edges = edges
        self._host = host
        self._looks = looks
        self._environment = request.load.environment
        self._is_plugged = host.has(*ENTRY_HOOKS, "slspack_finish_artifact")
        self._nesting = request.format is ArtifactFormat.ZIP
        # Plugins may have looked at whatever counts as configuration, and for what there was not.
        is_stale = recall is not None and (recall.changes.configuration or bool(recall.changes.folders))
        self.recall = None if self._is_plugged and is_stale else recall

    def plans(self, functions: tuple[Function, ...], layering: Layering) -> Mapping[str, Plan]:
        """A plan for each function that gets an artifact of its own, and one for those that share the service's."""
        analysis = self._analysis
        plans = {function.name: self._own_plan(function, layering) for function in functions if function.individually}
        if any(not function.individually for function in functions):
            shared = tuple(self._as_packed(one) for one in analysis.service.functions if not one.individually)
            facts = {name: known for one in shared for name, known in analysis.facts_of(one).items()}
            name = analysis.service.name
            plugged = self.plugged(name, shared)
            from slspack.bundle import plan_service

            together = plan_service(
                analysis.service, shared, analysis.graphs, layering.closures, analysis.tree, facts, plugged
            )
            plans[name] = self._beside_layers(together, layering, facts)
        return plans

    def plugged(self, name: str, functions: tuple[Function, ...], root: str = "/var/task") -> Plugged | None:
        """What plugins have to say of the files of one artifact, or layer, for these functions."""
        if not self._is_plugged:
            return None
        from slspack.bundle import Plugged
        from slspack.plugins import PluginFiles, PluginWheels

        analysis, edges = self._analysis, self._edges

        def imports() -> StoredWheelImports:
            facts = {name: known for one in functions for name, known in analysis.facts_of(one).items()}
            return edges.wheel_imports(facts, functions[0].target)

        files = PluginFiles(analysis.tree, self._looks, self._environment, PluginWheels(edges.wheel, imports))
        return Plugged(self._host, analysis.draft(name, functions, root), files)

    def _own_plan(self, function: Function, layering: Layering) -> Plan:
        analysis, recall = self._analysis, self.recall
        graph, closure = analysis.graphs[function.name], layering.closures[function.name]
        known = recall.plan(function, graph, analysis.closures[function.name]) if recall else None
        packed = self._as_packed(function)
        if known and not _holds(known, closure, packed):
            known = None
        renewed = with_contents(known, recall.changes.files, analysis.tree) if recall and known else None
        if renewed is not None:
            return renewed
        from slspack.bundle import plan_function

        facts, plugged = analysis.facts_of(function), self.plugged(function.name, (packed,))
        plan = plan_function(packed, graph, closure, analysis.tree, facts, plugged)
        return self._beside_layers(plan, layering, facts)

    def _beside_layers(self, plan: Plan, layering: Layering, facts: Mapping[DistName, WheelFacts]) -> Plan:
        """The plan, with what is to be said of packages that its layers have, too."""
        layers = [layer.plan for layer in layering.layers if not set(layer.functions).isdisjoint(plan.functions)]
        if not layers:
            return plan
        from slspack.bundle import split_packages

        analysis = self._analysis
        locks = analysis.layer_locks.values()
        known = (*facts.values(), *(one for lock in locks for one in analysis.facts.of(lock).values()))
        return replace(plan, findings=(*plan.findings, *split_packages(plan, layers, known)))

    def _as_packed(self, function: Function) -> Function:
        """The function with `zipped` only where an archive can stand in an archive: not in folders and images."""
        nesting = self._nesting and not function.image
        return replace(function, zipped=False) if function.zipped and not nesting else function


def _holds(plan: Plan, closure: Closure, function: Function) -> bool:
    """Whether a plan of before holds what the closure does, where it is to be."""
    held = plan.nested if function.zipped else plan.wheels
    return [part.distribution for part in held] == [member.distribution for member in closure.members] and (
        len(held) == len(plan.all_wheels)
    )


def _with_extra_files(
    plans: Mapping[str, Plan], analysis: Analysis, edges: Edges, recall: Recall | None
) -> Mapping[str, Plan]:
    """The plans with the files that the settings want of the image."""
    from slspack.bundle import with_extra_files

    changes = recall.changes if recall else None
    before: Mapping[str, Plan] = {}
    if recall and changes and not (changes.configuration or changes.requirements or changes.folders):
        before = recall.memory.plans
    found: dict[str, Plan] = {}
    for name, plan in plans.items():
        last = before[name].entries if name in before and before[name].target == plan.target else ()
        known = tuple(entry for entry in last if isinstance(entry.source, KeptSource))
        facts = {
            key: one for function in plan.functions for key, one in analysis.facts.of(analysis.locks[function]).items()
        }
        extra = edges.extra_files(plan.target, known) if plan.target else ()
        found[name] = with_extra_files(plan, extra, facts)
    return found


def _image_plans(plans: Mapping[str, Plan], service: Service) -> Mapping[str, Plan]:
    """The plans, those of images with fingerprints of their own: what starts and what it stands on counts for them."""
    images = {function.name: function for function in service.functions if function.image}
    if not images:
        return plans
    return {
        name: replace(
            plan,
            fingerprint=key_of(
                "image",
                fingerprint(plan.entries, plan.wheels, (), plan.finishing),
                images[name].image,
                images[name].handler.text,
                (service.name, service.stage),
            ),
        )
        if name in images
        else plan
        for name, plan in plans.items()
    }

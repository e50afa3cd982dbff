"""What a build has looked at and come to, for the next one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from slspack.engine.inputs import Inputs, digest_index_variables, digest_variables
from slspack.memory import Memory, lookup_folders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.engine.inputs import Comparison
    from slspack.output import Written
    from slspack.pipeline import Planned


def inputs_of(planned: Planned, before: Comparison | None, environment: Mapping[str, str], began: int) -> Inputs:
    """Everything that a build depends on: what it has looked at, and what held of the build before it.

    `before` is what was recalled by; None if nothing was. `began` is when the build began, in nanoseconds since the
    epoch.
    """
    tree, asked, begun = planned.analysis.tree, planned.edges.looks, planned.begun
    looks, plugged, amended = begun.looks, begun.plugin_looks, begun.amended_by
    fresh = Inputs(
        files={**amended.seen_files, **tree.seen_files} if amended else tree.seen_files,
        folders={**(amended.seen_folders if amended else {}), **tree.seen_folders, **looks.folders},
        configuration=looks.files,
        requirements=asked.files,
        plugins=plugged.files,
        census=begun.census,
        environment=digest_variables(looks.variables | plugged.variables, environment),
        requirement_variables=digest_variables(asked.variables, environment),
        index_variables=digest_index_variables(environment),
        state=os.urandom(16).hex(),
        seen_at=began,
    )
    return _joined(planned, fresh, before, environment) if before and planned.recalled else fresh


def _joined(planned: Planned, fresh: Inputs, before: Comparison, environment: Mapping[str, str]) -> Inputs:
    """The inputs of what was done and of what was recalled, which may be everything."""
    known, changes = before.inputs, before.changes
    loaded = bool(fresh.configuration)
    resolved = changes is not None and changes.requirements
    # Where names came or went everything but locks is made anew, and so has everything been looked at that counts.
    moved = changes is not None and bool(changes.folders)
    lookups = {folder for group in planned.analysis.groups for folder in lookup_folders(group.requirements)}
    folders = {path: seen for path, seen in known.folders.items() if not moved or path in lookups}
    return Inputs(
        files=fresh.files if moved else {**known.files, **fresh.files},
        folders={**folders, **fresh.folders},
        configuration=fresh.configuration if loaded else known.configuration,
        requirements=fresh.requirements if resolved else {**known.requirements, **fresh.requirements},
        plugins={**known.plugins, **fresh.plugins},
        census=fresh.census,
        environment=_variables(fresh, known, environment, loaded=loaded),
        requirement_variables=fresh.requirement_variables
        if resolved
        else {**known.requirement_variables, **fresh.requirement_variables},
        index_variables=fresh.index_variables,
        state=fresh.state if changes else known.state,
        seen_at=min(known.seen_at, fresh.seen_at),
    )


def _variables(fresh: Inputs, known: Inputs, environment: Mapping[str, str], *, loaded: bool) -> Mapping[str, str]:
    """The variables that count: those of a configuration that was read anew, and those of plugins not asked again."""
    if loaded and not fresh.plugins:
        return fresh.environment
    return digest_variables({*known.environment, *fresh.environment}, environment)


def memory_of(planned: Planned, written: Written, state: str, names: tuple[str, ...]) -> Memory:
    """Every stage's outcome in a build of the functions of those names, or of all."""
    analysis = planned.analysis
    of_layers = {
        (layer.requirements, layer.target): analysis.layer_locks[layer.name]
        for layer in analysis.service.layers.built
        if layer.requirements is not None
    }
    of_functions = {(f.requirements, f.target): analysis.locks[f.name] for f in analysis.service.functions}
    return Memory(
        state=state,
        service=analysis.service,
        locks=of_layers | of_functions,
        graphs=analysis.graphs,
        closures=analysis.closures,
        closure_findings=analysis.closure_findings,
        plans=planned.plans,
        unused_patterns=planned.unused_patterns,
        native=written.native,
        plugins=planned.begun.host.key,
        layers=planned.layering.layers if planned.layering else None,
        layer_findings=planned.layering.findings if planned.layering else (),
        names=names,
    )

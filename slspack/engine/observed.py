"""What a build has looked at and come to, for the next one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from slspack.engine.inputs import Inputs, digest_index_variables, digest_variables
from slspack.memory import Memory, lookup_folders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.engine.inputs import Comparison
    from slspack.looks import Looks
    from slspack.output import Written
    from slspack.pipeline import Planned


def inputs_of(
    planned: Planned, looks: Looks, before: Comparison | None, environment: Mapping[str, str], began: int
) -> Inputs:
    """Everything that a build depends on: what it has looked at, and what held of the build before it.

    `before` is what was recalled by; None if nothing was. `looks` are those for the configuration: none, if the service
    was recalled. `began` is when the build began, in nanoseconds since the epoch.
    """
    tree, asked = planned.analysis.tree, planned.edges.looks
    fresh = Inputs(
        files=tree.seen_files,
        folders={**tree.seen_folders, **looks.folders},
        configuration=looks.files,
        requirements=asked.files,
        environment=digest_variables(looks.variables, environment),
        requirement_variables=digest_variables(asked.variables, environment),
        index_variables=digest_index_variables(environment),
        state=os.urandom(16).hex(),
        seen_at=began,
    )
    return _joined(planned, fresh, before) if before else fresh


def _joined(planned: Planned, fresh: Inputs, before: Comparison) -> Inputs:
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
        environment=fresh.environment if loaded else known.environment,
        requirement_variables=fresh.requirement_variables
        if resolved
        else {**known.requirement_variables, **fresh.requirement_variables},
        index_variables=fresh.index_variables,
        state=fresh.state if changes else known.state,
        seen_at=min(known.seen_at, fresh.seen_at),
    )


def memory_of(planned: Planned, written: Written, state: str) -> Memory:
    """Every stage's outcome."""
    analysis = planned.analysis
    return Memory(
        state=state,
        service=analysis.service,
        locks={(g.requirements, g.target): analysis.locks[g.functions[0].name] for g in analysis.groups},
        graphs=analysis.graphs,
        closures=analysis.closures,
        closure_findings=analysis.closure_findings,
        plans=planned.plans,
        unused_patterns=planned.unused_patterns,
        native=written.native,
        layers=planned.layering.layers if planned.layering else None,
        layer_findings=planned.layering.findings if planned.layering else (),
    )

"""What a build has looked at and come to, for the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.engine.inputs import Inputs, digest_index_variables, digest_variable, look_outside
from slspack.memory import Memory
from slspack.registry.pip_files import pip_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.engine.environment import NotedEnvironment
    from slspack.pipeline import Planned


def inputs_of(
    planned: Planned, known: Inputs | None, noted: NotedEnvironment, environment: Mapping[str, str], began: int
) -> Inputs:
    """Everything that a build depends on: what it has looked at, and what it took from the memory of `known`.

    Files of the configuration and of the requirements are looked at here: a change since they were read, within the
    same build, is not noticed. `began` is when the build began, in nanoseconds since the epoch.
    """
    analysis = planned.analysis
    tree, service = analysis.tree, analysis.service
    reused = known is not None and not noted.asked
    configuration = look_outside(service.root, (*service.config_files, *service.config_absent))
    sources = dict.fromkeys(source for lock in analysis.locks.values() for source in lock.sources)
    places = [str(path) for path in pip_files(environment)]
    return Inputs(
        files={**(known.files if known else {}), **tree.seen_files},
        folders={**(known.folders if known else {}), **tree.seen_folders},
        configuration=configuration,
        requirements=look_outside(service.root, (*sources, *places)),
        environment=known.environment
        if known and reused
        else {name: digest_variable(name, environment) for name in sorted(noted.asked)},
        index_variables=digest_index_variables(environment),
        seen_at=min(known.seen_at, began) if known else began,
    )


def memory_of(planned: Planned) -> Memory:
    """Every stage's outcome."""
    analysis = planned.analysis
    return Memory(
        service=analysis.service,
        locks={(g.requirements, g.target): analysis.locks[g.functions[0].name] for g in analysis.groups},
        graphs=analysis.graphs,
        closures=analysis.closures,
        closure_findings=analysis.closure_findings,
        plans=planned.plans,
        unused_patterns=planned.unused_patterns,
    )

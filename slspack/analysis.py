"""From the configuration to the closures: everything known of a service before an artifact is planned."""

from __future__ import annotations

import difflib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import ConfigError, SlspackError
from slspack.model import Finding, Severity
from slspack.resolve import resolve
from slspack.trace import LockShare, Scanner, draw_together, trace_function

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from slspack.edges import Edges
    from slspack.model import (
        Closure,
        DistName,
        Function,
        Lock,
        ModuleGraph,
        RequirementSet,
        Service,
        Target,
        WheelFacts,
    )
    from slspack.progress import Timings
    from slspack.tree import ServiceTree


@dataclass(frozen=True, slots=True)
class LockGroup:
    """The functions that share one lock, because their requirements and targets are equal."""

    requirements: RequirementSet
    target: Target
    functions: tuple[Function, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is known of a service. Every mapping is by the function's name."""

    service: Service
    tree: ServiceTree
    graphs: Mapping[str, ModuleGraph]
    groups: tuple[LockGroup, ...]
    locks: Mapping[str, Lock]
    facts: Mapping[str, Mapping[DistName, WheelFacts]]
    closures: Mapping[str, Closure]
    findings: tuple[Finding, ...]


def analyse(service: Service, tree: ServiceTree, edges: Edges, timings: Timings) -> Analysis:
    """Trace, resolve and draw the closures of all functions of a service, whichever of them will be built.

    Raises SlspackError with every error of the stage that failed.
    """
    groups = lock_groups(service)
    with ThreadPoolExecutor(1, "trace") as aside:
        tracing = aside.submit(_trace, service, tree, timings)
        with timings.stage("resolve"):
            locks = [resolve(group.requirements, group.target, edges.resolving) for group in groups]
        graphs = tracing.result()
    with timings.stage("facts"):
        facts = [edges.wheels.facts(lock.distributions) for lock in locks]
    with timings.stage("closure"):
        shares: dict[RequirementSet, list[LockShare]] = {}
        for group, lock, known in zip(groups, locks, facts, strict=True):
            share = LockShare(group.functions, lock, known, edges.wheel_imports(known, group.target))
            shares.setdefault(group.requirements, []).append(share)
        drawn = [draw_together(together, graphs) for together in shares.values()]
    closures = {name: closure for shared in drawn for name, closure in shared.closures.items()}
    findings = [
        *service.findings,
        *(finding for lock in locks for finding in lock.findings),
        *(finding for function in service.functions for finding in graphs[function.name].findings),
        *(finding for shared in drawn for finding in shared.findings),
        *(finding for closure in closures.values() for finding in closure.findings),
    ]
    raise_errors(findings)
    return Analysis(
        service=service,
        tree=tree,
        graphs=graphs,
        groups=groups,
        locks={f.name: lock for group, lock in zip(groups, locks, strict=True) for f in group.functions},
        facts={f.name: known for group, known in zip(groups, facts, strict=True) for f in group.functions},
        closures=closures,
        findings=tuple(findings),
    )


def raise_errors(findings: Iterable[Finding]) -> None:
    """Raise every finding that is an error, together with the warnings that may explain it."""
    found = list(findings)
    if any(finding.severity is Severity.ERROR for finding in found):
        raise SlspackError(finding for finding in found if finding.severity is not Severity.NOTICE)


def _trace(service: Service, tree: ServiceTree, timings: Timings) -> Mapping[str, ModuleGraph]:
    """The graph of every function. All their errors are raised together."""
    scanner = Scanner()
    graphs: dict[str, ModuleGraph] = {}
    failures: list[SlspackError] = []
    with timings.stage("trace"):
        for function in service.functions:
            try:
                graphs[function.name] = trace_function(function, tree, scanner)
            except SlspackError as error:
                failures.append(error)
    if failures:
        raise type(failures[0])(finding for failure in failures for finding in failure.findings)
    return graphs


def lock_groups(service: Service) -> tuple[LockGroup, ...]:
    """The service's functions by the lock that they share, in the order of the configuration."""
    groups: dict[tuple[RequirementSet, Target], list[Function]] = {}
    for function in service.functions:
        groups.setdefault((function.requirements, function.target), []).append(function)
    return tuple(LockGroup(requirements, target, tuple(f)) for (requirements, target), f in groups.items())


def select_functions(service: Service, names: Sequence[str]) -> tuple[Function, ...]:
    """The functions of those names, or all if there are none. Raises SLS0108 for unknown names, all of them at once."""
    if not names:
        return service.functions
    known = {function.name: function for function in service.functions}
    skipped = {function.name: function.reason for function in service.skipped}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ConfigError(_no_such_function(name, known, skipped) for name in unknown)
    return tuple(known[name] for name in dict.fromkeys(names))


def _no_such_function(name: str, known: Iterable[str], skipped: Mapping[str, str]) -> Finding:
    if name in skipped:
        message = f"function `{name}` is left alone: {skipped[name]}"
        return Finding(Code.NO_SUCH_FUNCTION, Severity.ERROR, message)
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"the service has: {', '.join(sorted(known))}"
    return Finding(Code.NO_SUCH_FUNCTION, Severity.ERROR, f"no function `{name}` in the service", hint=hint)

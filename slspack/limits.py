"""What plugins and slspack's own checks say of plans, once it is known how large each becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from slspack.model import Finding, Plan, PlannedLayer, Service
    from slspack.plugins import Host


def check_plans(
    plans: Mapping[str, Plan], layers: Sequence[PlannedLayer], service: Service, host: Host
) -> Iterator[Finding]:
    """What is to be said of these plans of functions: of images nothing, which have no such limits."""
    by_name = {function.name: function for function in service.functions}
    for plan in plans.values():
        functions = tuple(by_name[name] for name in plan.functions)
        if not any(function.image for function in functions):
            yield from host.check_plan(plan, functions, tuple(layers))


def check_unused_layers(layers: Sequence[PlannedLayer], host: Host) -> Iterator[Finding]:
    """The same of layers that no function uses: the others count for their functions."""
    for layer in layers:
        if not layer.functions:
            yield from host.check_plan(layer.plan, (), ())

"""Lambda's limits on the size of a function's code.

From "Lambda quotas" in the AWS Lambda Developer Guide, where a MB is 1,048,576 bytes: 250 MB unzipped, layers included;
50 MB zipped for an upload through the API, where what comes by way of S3 may be as large as it likes zipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.bundle.content import size_of
from slspack.codes import Code
from slspack.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from slspack.model import Artifact, DistName, Function, Plan, PlannedLayer

MB = 1 << 20
UNZIPPED_LIMIT = 250 * MB
UPLOAD_LIMIT = 50 * MB
MOST_LAYERS = 5
NESTED = "the nested archive"
NEAR = 0.9
"""From this share of a limit on, it is said to be near."""
_NAMED = 5
"""How many contributors a message names."""


def check_limits(artifact: Artifact, zipped: Callable[[DistName], int]) -> tuple[Finding, ...]:
    """SLS0701 to SLS0703 for a written artifact. `zipped` tells what a distribution takes inside the zip, in bytes."""
    return check_unzipped(artifact.plan) + check_upload(artifact, zipped)


def check_plan(
    plan: Plan, functions: Sequence[Function] = (), layers: Sequence[PlannedLayer] = ()
) -> tuple[Finding, ...]:
    """What is known of the limits before anything is written: SLS0701, SLS0703, SLS0704 and SLS0705.

    `functions` are those that the plan is for, `layers` those of the service.
    """
    found: list[Finding] = []
    for used in dict.fromkeys(_used(function, layers) for function in functions) or [()]:
        found += check_unzipped(plan, [layer.plan for layer in layers if layer.name in used])
    for function in functions:
        found += [*_check_storage(function, plan), *_check_count(function, layers)]
    return tuple(found)


def is_measured_with(plan: Plan, layers: Iterable[PlannedLayer]) -> bool:
    """Whether it is known how large a plan is with its layers: what stripping leaves is not before it is written."""
    beside = [layer.plan for layer in layers if not set(layer.functions).isdisjoint(plan.functions)]
    return all(each.is_measured for each in (plan, *beside))


def check_unzipped(plan: Plan, layers: Sequence[Plan] = ()) -> tuple[Finding, ...]:
    """What the size of a plan's content, and of its layers', means: SLS0701 if Lambda will not take it, SLS0703 if that
    is near.
    """
    size = plan.unzipped_bytes + sum(layer.unzipped_bytes for layer in layers)
    if size < NEAR * UNZIPPED_LIMIT:
        return ()
    parts = {**_distributions(plan), **{f"`{layer.name}`": layer.unzipped_bytes for layer in layers}}
    parts[NESTED] = max(0, plan.unzipped_bytes - _first_party(plan)) if plan.nested else 0
    largest = _largest({**parts, "first-party files": _first_party(plan)})
    subject = f"`{plan.name}`{' with its layers' if layers else ''}"
    if size <= UNZIPPED_LIMIT:
        return (_near(plan, f"{subject} is {_mb(size)} unzipped, close to Lambda's limit of 250 MB: {largest}"),)
    message = f"{subject} is {_mb(size)} unzipped, Lambda takes at most 250 MB: {largest}"
    hint = (
        "leave out what it does not need (`slspack explain` says why a distribution is there), "
        "set `zip: true`, which unpacks its distributions when it starts, "
        "or deploy it as a container image, which may be 10 GB"
    )
    return (Finding(Code.UNZIPPED_TOO_LARGE, Severity.ERROR, message, hint=hint, function=_function(plan)),)


def check_upload(artifact: Artifact, zipped: Callable[[DistName], int]) -> tuple[Finding, ...]:
    """What the size of a zip means for a direct upload: SLS0702 if it is too large for one, SLS0703 if that is near.

    Both are warnings: by way of S3 an artifact may be larger. A directory has no such limit.
    """
    plan, size = artifact.plan, artifact.bytes
    if size < NEAR * UPLOAD_LIMIT:
        return ()
    parts = {str(part.distribution.name): zipped(part.distribution.name) for part in plan.all_wheels}
    largest = _largest({**parts, "first-party files": max(0, size - sum(parts.values()))})
    if size <= UPLOAD_LIMIT:
        return (
            _near(
                plan, f"`{plan.name}` is {_mb(size)} zipped, close to the limit of 50 MB for a direct upload: {largest}"
            ),
        )
    message = f"`{plan.name}` is {_mb(size)} zipped, a direct upload takes at most 50 MB: {largest}"
    hint = "upload it by way of S3, as the deploy tools do by themselves"
    return (Finding(Code.ZIPPED_TOO_LARGE, Severity.WARNING, message, hint=hint, function=_function(plan)),)


def _used(function: Function, layers: Iterable[PlannedLayer]) -> tuple[str, ...]:
    return tuple(layer.name for layer in layers if function.name in layer.functions)


def _check_storage(function: Function, plan: Plan) -> Iterator[Finding]:
    """SLS0704 where what is nested unpacks to more than the function's `/tmp` holds."""
    sizes = {str(part.distribution.name): part.unzipped_bytes for part in plan.nested}
    size = sum(sizes.values())
    if size > function.ephemeral_storage * MB:
        message = (
            f"the distributions of `{function.name}` unpack to {_mb(size)}, "
            f"its `/tmp` holds {function.ephemeral_storage} MB: {_largest(sizes)}"
        )
        hint = "set `ephemeralStorageSize` (in MB, at most 10240), or deploy it as a container image"
        yield Finding(Code.TOO_LARGE_TO_UNPACK, Severity.ERROR, message, function.location, hint, function.name)


def _check_count(function: Function, layers: Iterable[PlannedLayer]) -> Iterator[Finding]:
    """SLS0705 for a function with more than five layers, whoever makes them."""
    own = [layer.name for layer in layers if function.name in layer.functions]
    count = len(own) + function.foreign_layers
    if count > MOST_LAYERS:
        names = ", ".join(f"`{name}`" for name in own)
        message = f"`{function.name}` would have {count} layers, Lambda takes at most {MOST_LAYERS}: {names}"
        if function.foreign_layers:
            message += f" and {function.foreign_layers} of others"
        hint = "put what these hold into fewer layers, or name the function's own: `layers: [a, b]`"
        yield Finding(Code.TOO_MANY_LAYERS, Severity.ERROR, message, function.location, hint, function.name)


def _near(plan: Plan, what: str) -> Finding:
    return Finding(Code.NEAR_LIMIT, Severity.WARNING, what, function=_function(plan))


def _distributions(plan: Plan) -> dict[str, int]:
    return {str(part.distribution.name): part.unzipped_bytes for part in plan.wheels}


def _first_party(plan: Plan) -> int:
    return sum(size_of(entry) for entry in plan.entries)


def _largest(sizes: Mapping[str, int]) -> str:
    """The largest contributors, largest first, those of equal size by name."""
    ordered = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {_mb(size)}" for name, size in ordered[:_NAMED] if size)


def _mb(size: int) -> str:
    """Rounded up, so that what is over a limit never reads as if it were the limit."""
    return f"{-(-size * 10 // MB) / 10:.1f} MB"


def _function(plan: Plan) -> str | None:
    """The one function that the plan is for, if it is for one."""
    return plan.functions[0] if len(plan.functions) == 1 else None

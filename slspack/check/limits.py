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
    from collections.abc import Callable, Mapping

    from slspack.model import Artifact, DistName, Plan

MB = 1 << 20
UNZIPPED_LIMIT = 250 * MB
UPLOAD_LIMIT = 50 * MB
NEAR = 0.9
"""From this share of a limit on, it is said to be near."""
_NAMED = 5
"""How many contributors a message names."""


def check_limits(artifact: Artifact, zipped: Callable[[DistName], int]) -> tuple[Finding, ...]:
    """SLS0701 to SLS0703 for a written artifact. `zipped` tells what a distribution takes inside the zip, in bytes."""
    return check_unzipped(artifact.plan) + check_upload(artifact, zipped)


def check_unzipped(plan: Plan) -> tuple[Finding, ...]:
    """What the size of a plan's content means: SLS0701 if Lambda will not take it, SLS0703 if that is near."""
    size = plan.unzipped_bytes
    if size < NEAR * UNZIPPED_LIMIT:
        return ()
    largest = _largest({**_distributions(plan), "first-party files": _first_party(plan)})
    if size <= UNZIPPED_LIMIT:
        return (_near(plan, f"is {_mb(size)} unzipped, close to Lambda's limit of 250 MB: {largest}"),)
    message = f"`{plan.name}` is {_mb(size)} unzipped, Lambda takes at most 250 MB: {largest}"
    hint = (
        "leave out what it does not need (`slspack explain` says why a distribution is there), "
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
    parts = {str(part.distribution.name): zipped(part.distribution.name) for part in plan.wheels}
    largest = _largest({**parts, "first-party files": max(0, size - sum(parts.values()))})
    if size <= UPLOAD_LIMIT:
        return (_near(plan, f"is {_mb(size)} zipped, close to the limit of 50 MB for a direct upload: {largest}"),)
    message = f"`{plan.name}` is {_mb(size)} zipped, a direct upload takes at most 50 MB: {largest}"
    hint = "upload it by way of S3, as the deploy tools do by themselves"
    return (Finding(Code.ZIPPED_TOO_LARGE, Severity.WARNING, message, hint=hint, function=_function(plan)),)


def _near(plan: Plan, what: str) -> Finding:
    return Finding(Code.NEAR_LIMIT, Severity.WARNING, f"`{plan.name}` {what}", function=_function(plan))


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

"""Exact targets: which tags, markers, standard library and provided distributions follow from a runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.targets.libraries import (
        RuntimeLibraries,
        device_drivers,
        is_everywhere,
        runtime_libraries,
        version_numbers,
    )
    from slspack.targets.provided import provided_by_runtime
    from slspack.targets.runtimes import (
        RuntimeFacts,
        marker_environment,
        parse_architecture,
        parse_target,
        provided_distributions,
        runtime_facts,
        runtime_names,
    )
    from slspack.targets.stdlib import COMPLETED_BY, is_stdlib, stdlib_modules
    from slspack.targets.tags import compatible_tags, tag_ranks

__all__ = [
    "COMPLETED_BY",
    "RuntimeFacts",
    "RuntimeLibraries",
    "compatible_tags",
    "device_drivers",
    "is_everywhere",
    "is_stdlib",
    "marker_environment",
    "parse_architecture",
    "parse_target",
    "provided_by_runtime",
    "provided_distributions",
    "runtime_facts",
    "runtime_libraries",
    "runtime_names",
    "stdlib_modules",
    "tag_ranks",
    "version_numbers",
]

__getattr__ = exports(
    __name__,
    {
        "libraries": (
            "RuntimeLibraries",
            "device_drivers",
            "is_everywhere",
            "runtime_libraries",
            "version_numbers",
        ),
        "provided": ("provided_by_runtime",),
        "runtimes": (
            "RuntimeFacts",
            "marker_environment",
            "parse_architecture",
            "parse_target",
            "provided_distributions",
            "runtime_facts",
            "runtime_names",
        ),
        "stdlib": (
            "COMPLETED_BY",
            "is_stdlib",
            "stdlib_modules",
        ),
        "tags": (
            "compatible_tags",
            "tag_ranks",
        ),
    },
)

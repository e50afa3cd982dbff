"""Requirement sources to a lock for each target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.resolve.context import ResolveContext
    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.problem import Candidate, Problem, Upgrade
    from slspack.resolve.pylock_writer import lock_path, write_pylock
    from slspack.resolve.resolving import resolve
    from slspack.resolve.sources import LockFileUse
    from slspack.resolve.written import RequirementsRead, Written, WrittenRequirement

__all__ = [
    "Candidate",
    "LockFileUse",
    "Problem",
    "RequirementsRead",
    "ResolveContext",
    "ServiceFiles",
    "Upgrade",
    "Written",
    "WrittenRequirement",
    "lock_path",
    "resolve",
    "write_pylock",
]

__getattr__ = exports(
    __name__,
    {
        "context": ("ResolveContext",),
        "files": ("ServiceFiles",),
        "problem": (
            "Candidate",
            "Problem",
            "Upgrade",
        ),
        "pylock_writer": (
            "lock_path",
            "write_pylock",
        ),
        "resolving": ("resolve",),
        "sources": ("LockFileUse",),
        "written": (
            "RequirementsRead",
            "Written",
            "WrittenRequirement",
        ),
    },
)

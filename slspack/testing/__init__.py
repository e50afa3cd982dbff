"""For the tests of plugins: services, an index on loopback, and what can be said of an artifact.

Nothing here needs pytest; `slspack.testing.fixtures` has the fixtures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.testing.artifacts import BuiltArtifact, BuiltLayer, HandlerError
    from slspack.testing.assertions import assert_artifact
    from slspack.testing.index import IndexSettings, PackageIndex, package_index
    from slspack.testing.reproducing import assert_reproducible
    from slspack.testing.service import BuiltService, ServiceBuilder
    from slspack.testing.surroundings import clean_environment, write_files
    from slspack.testing.wheels import make_sdist, make_wheel

__all__ = [
    "BuiltArtifact",
    "BuiltLayer",
    "BuiltService",
    "HandlerError",
    "IndexSettings",
    "PackageIndex",
    "ServiceBuilder",
    "assert_artifact",
    "assert_reproducible",
    "clean_environment",
    "make_sdist",
    "make_wheel",
    "package_index",
    "write_files",
]

__getattr__ = exports(
    __name__,
    {
        "artifacts": ("BuiltArtifact", "BuiltLayer", "HandlerError"),
        "assertions": ("assert_artifact",),
        "index": ("IndexSettings", "PackageIndex", "package_index"),
        "reproducing": ("assert_reproducible",),
        "service": ("BuiltService", "ServiceBuilder"),
        "surroundings": ("clean_environment", "write_files"),
        "wheels": ("make_sdist", "make_wheel"),
    },
)

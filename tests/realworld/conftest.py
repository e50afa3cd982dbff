"""One store for all builds of this folder's tests."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment that makes every build share one store, empty at first."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # one for all workers of pytest-xdist
    return {"SLSPACK_CACHE_DIR": str(shared / "slspack-store")}

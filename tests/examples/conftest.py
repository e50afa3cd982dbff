"""What the tests of examples share: one store for all builds, and the interpreter of the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.example_services import Built, build, copy_example
from tests.support.interpreters import find_interpreter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment that makes every build of this session share one store, empty at first."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # one for all workers of pytest-xdist
    return {"SLSPACK_CACHE_DIR": str(shared / "slspack-store")}


@pytest.fixture(scope="session")
def build_example(tmp_path_factory: pytest.TempPathFactory, store: dict[str, str]) -> Callable[..., Built]:
    """Build a fresh copy of an example: `build_example(name, *arguments)`."""

    def build_fresh(name: str, *arguments: str) -> Built:
        root = copy_example(name, tmp_path_factory.mktemp(name) / name)
        return build(root, *arguments, environment=store)

    return build_fresh


@pytest.fixture(scope="session")
def python313() -> Path:
    """The interpreter of the runtime that every example names."""
    return find_interpreter("3.13")

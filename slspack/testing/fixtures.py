"""Fixtures for pytest: `pytest_plugins = ["slspack.testing.fixtures"]` in a `conftest.py` makes them known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.testing.index import package_index
from slspack.testing.service import ServiceBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slspack.testing.index import PackageIndex


@pytest.fixture
def slspack_index(tmp_path: Path) -> Iterator[PackageIndex]:
    """A package index on loopback, empty as yet."""
    with package_index(tmp_path / "slspack-index") as index:
        yield index


@pytest.fixture
def slspack_service(tmp_path: Path, slspack_index: PackageIndex) -> ServiceBuilder:
    """An empty service that only knows that index, with a store of its own."""
    return ServiceBuilder(tmp_path / "slspack", slspack_index)

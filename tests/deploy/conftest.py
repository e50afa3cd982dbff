"""What the tests of deploy tools share: a service's folder, and a store without an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.bench import Bench

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An empty service and a store; there is no index, so nothing can be downloaded."""
    root = tmp_path / "service"
    root.mkdir()
    return Bench(root, tmp_path / "store")

"""What the tests of the command line share: a service's folder with an index of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.bench import Bench
from tests.support.index import package_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """An empty service, a store and a running index."""
    root = tmp_path / "service"
    root.mkdir()
    with package_index(tmp_path / "index") as index:
        yield Bench(root, tmp_path / "store", index)

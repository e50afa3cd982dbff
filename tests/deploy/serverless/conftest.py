"""What these tests share: a service's folder with an index of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.deploy.serverless.framework import Framework, make_framework
from tests.support.bench import Bench
from tests.support.index import package_index
from tests.support.serverless import pack_plugin
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A folder with two handlers, one of which needs a distribution; an index; a store."""
    root = tmp_path / "service"
    root.mkdir()
    with package_index(tmp_path / "index") as index:
        make_wheel(index.folder, "alpha", files={"alpha/__init__.py": ""})
        bench = Bench(root, tmp_path / "store", index)
        bench.write(
            {
                "requirements.txt": "alpha==1.0\n",
                "api.py": "import alpha\ndef handler(event, context): return 1\n",
                "cron.py": "def handler(event, context): return 2\n",
            }
        )
        yield bench


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the plugin, packed and unpacked by npm's rules."""
    return pack_plugin(tmp_path_factory.mktemp("plugin"))


@pytest.fixture
def framework(bench: Bench, plugin: Path) -> Framework:
    """The Framework, for the service of `bench`."""
    return make_framework(bench.root, plugin, bench.variables)

"""Whole builds over a store that was damaged, must not be kept, or must not be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.store import Store
from slspack.store.census import stored_objects
from tests.support.bench import Bench
from tests.support.index import package_index
from tests.support.stores import files_in
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = """
service: shop
provider: {name: aws, runtime: python3.13}
functions: {api: {handler: app.handler}}
"""


def write(bench: Bench, **options: object) -> None:
    settings = "".join(f"    {name}: {str(value).lower()}\n" for name, value in options.items())
    custom = f"custom:\n  pythonRequirements:\n{settings}" if options else ""
    source = "import alpha\n\ndef handler(event, context): return alpha.NAME\n"
    bench.write({"serverless.yml": SERVICE + custom, "app.py": source, "requirements.txt": "alpha==1.0\n"})


@pytest.mark.parametrize("damage", [b"", b"damaged"])
def test_a_damaged_store_changes_no_artifact(tmp_path: Path, damage: bytes) -> None:
    with package_index(tmp_path / "index") as index:
        make_wheel(index.folder, "alpha", files={"alpha/__init__.py": b"NAME = 'alpha'\n"})
        bench = Bench(tmp_path / "service", tmp_path / "store", index)
        write(bench)
        before = bench.build()["functions"]["api"]["sha256"]
        objects = files_in(Store(bench.store))
        assert len(objects) >= 3
        for path in objects:
            path.write_bytes(damage)
        assert bench.build()["functions"]["api"]["sha256"] == before
        assert bench.build()["functions"]["api"]["sha256"] == before


def test_what_is_not_kept_is_not_there_afterwards(tmp_path: Path) -> None:
    with package_index(tmp_path / "index") as index:
        make_wheel(index.folder, "alpha", files={"alpha/__init__.py": b"NAME = 'alpha'\n"})
        bench = Bench(tmp_path / "service", tmp_path / "store", index)
        write(bench, useDownloadCache=False)
        first = bench.build()["functions"]["api"]["sha256"]
        kinds = {each.kind.value for each in stored_objects(Store(bench.store))}
        assert "segments" in kinds
        assert kinds <= {"segments", "imports", "native"}
        write(bench, invalidateCaches=True)
        assert bench.build()["functions"]["api"]["sha256"] == first
        write(bench, useStaticCache=False, staticCacheMaxVersions=1)
        assert bench.build()["functions"]["api"]["sha256"] == first

"""Plugins have their say in what a layer holds, as in what a function does."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.support.bench import Bench
from tests.support.index import package_index
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLUGIN = """\
from dataclasses import dataclass
from slspack.bundle import SegmentFile
from slspack.plugins import hookimpl

slspack_interface = 1


@dataclass(frozen=True)
class Mark:
    key: str

    def names(self, name):
        return (name,) if name.endswith(".txt") else None

    def files(self, files):
        return [SegmentFile(one.name, self.key.encode() + one.content) for one in files]


@hookimpl
def slspack_prune_wheel(draft, names, files):
    words = files.read("unwanted.txt").decode().split() if files.is_file("unwanted.txt") else []
    return [name for name in names if any(name.endswith(word) for word in words)]


@hookimpl
def slspack_transform_wheel(draft):
    return Mark(f"{draft.root} of {' '.join(one.name for one in draft.functions)}: ")
"""
SERVICE = """\
service: shop
runtime: python3.11
functions: {api: api.handler, web: web.handler}
plugins: [./marking.py]
layers: {science: {distributions: [numpad]}}
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with package_index(tmp_path / "index") as index:
        numpad = {"numpad/__init__.py": "", "numpad/a.txt": "a", "numpad/b.txt": "b"}
        make_wheel(index.folder, "numpad", files=numpad)
        service = Bench(tmp_path / "service", tmp_path / "store", index)
        service.write({"api.py": "import numpad\ndef handler(e, c): pass\n", "web.py": "def handler(e, c): pass\n"})
        service.write({"requirements.txt": "numpad\n", "marking.py": PLUGIN, "slspack.yml": SERVICE})
        yield service


def content(bench: Bench, artifact: str) -> dict[str, bytes]:
    with zipfile.ZipFile(bench.root / f".slspack/dist/{artifact}.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.endswith(".txt")}


def test_a_layers_wheels_are_transformed_for_where_they_will_stand(bench: Bench) -> None:
    bench.build()
    assert content(bench, "layers/science") == {
        "python/numpad/a.txt": b"/opt/python of api: a",
        "python/numpad/b.txt": b"/opt/python of api: b",
    }
    bench.write({"slspack.yml": SERVICE.replace("layers: ", "watch: {ignore: []}\nxlayers: ").replace("xlayers", "#")})
    bench.build()
    assert content(bench, "api") == {"numpad/a.txt": b"/var/task of api: a", "numpad/b.txt": b"/var/task of api: b"}


def test_a_layers_wheels_are_pruned_and_what_was_read_for_it_is_looked_at_again(bench: Bench) -> None:
    bench.build()
    bench.write({"unwanted.txt": "b.txt"})
    pruned = bench.build()
    assert list(content(bench, "layers/science")) == ["python/numpad/a.txt"]
    assert pruned["functions"]["web"]["cached"] is True
    bench.write({"unwanted.txt": "a.txt"})
    bench.build()
    assert list(content(bench, "layers/science")) == ["python/numpad/b.txt"]
    assert bench.build()["layers"]["science"]["cached"] is True


def test_nested_wheels_are_transformed_too(bench: Bench) -> None:
    bench.write({"slspack.yml": SERVICE.replace("layers: {science: {distributions: [numpad]}}", "zip: true")})
    bench.build()
    with zipfile.ZipFile(bench.artifact("api")) as archive, archive.open(".requirements.zip") as nested:
        assert zipfile.ZipFile(nested).read("numpad/a.txt") == b"/var/task of api: a"

"""Large artifacts are written by several threads, and are what one thread would have written."""

from __future__ import annotations

import os
from threading import current_thread
from typing import TYPE_CHECKING

import pytest

from slspack.bundle import write_zip
from tests.support.bench import Bench
from tests.support.index import package_index
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVICE = "runtime: python3.13\nfunctions: {one: one.handler, two: two.handler, three: three.handler}\n"
SHARED = "import alpha, shared\n\ndef handler(event, context): ...\n"


@pytest.fixture
def benches(tmp_path: Path) -> Iterator[tuple[Bench, Bench]]:
    """Two copies of a service of three functions, each with a store of its own."""
    with package_index(tmp_path / "index") as index:
        make_wheel(index.folder, "alpha", files={"alpha.py": "NAME = 'alpha'\n", "alpha_data.bin": os.urandom(5000)})
        made = [Bench(tmp_path / name / "service", tmp_path / name / "store", index) for name in ("one", "two")]
        for bench in made:
            bench.write({
                "slspack.yml": SERVICE,
                "requirements.txt": "alpha\n",
                "shared.py": "VALUE = 1\n",
                **{f"{name}.py": SHARED for name in ("one", "two", "three")},
            })  # fmt: skip
        yield made[0], made[1]


def several(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have every artifact count as large; the names of the threads that write them from now on."""
    threads: list[str] = []

    def noting(*arguments: object) -> object:
        threads.append(current_thread().name)
        return write_zip(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("slspack.output.write_zip", noting)
    monkeypatch.setattr("slspack.output._LARGE", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    return threads


def test_they_are_the_same(benches: tuple[Bench, Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    first = benches[0].build()["functions"]
    threads = several(monkeypatch)
    second = benches[1].build()["functions"]
    assert {name: one["sha256"] for name, one in second.items()} == {name: one["sha256"] for name, one in first.items()}
    assert len(threads) == 3
    assert all(name.startswith("core") for name in threads)
    benches[1].write({"requirements.txt": "alpha\n", "one.py": f"{SHARED}# edited\n"})
    again = benches[1].build()["functions"]
    assert [name for name, one in again.items() if not one["cached"]] == ["one"]


def test_one_that_cannot_be_written(benches: tuple[Bench, Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are what they were or what they are to be, and nothing half-written is left beside them."""
    bench = benches[0]
    threads = several(monkeypatch)
    bench.artifact("two").mkdir(parents=True)
    result = bench.slspack("build")
    assert result.status == 1
    assert "error[SLS0603]" in result.err
    assert threads
    left = {path.name for path in bench.artifact("one").parent.iterdir()}
    assert left <= {"one.zip", "two.zip", "three.zip"}
    bench.artifact("two").rmdir()
    assert bench.slspack("build").status == 0

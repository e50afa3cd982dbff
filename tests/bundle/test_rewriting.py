"""An artifact that is made of the one that is there is, byte for byte, the one that is made of its parts."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slspack.bundle import PackedFiles, rewriting, rewriting_of
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.memory import WrittenFile
from slspack.stamps import stamp_of
from tests.support.bundles import Orders, generated, plan_of

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.bundle import Rewriting
    from slspack.model import Entry, Plan

NAMES = ("a.py", "app/données.json", "app/z.py", "m.txt")
contents = st.one_of(st.binary(max_size=40), st.integers(0, 5000).map(lambda size: b"x = 1\n" * size))
entries = st.tuples(*(st.tuples(contents, st.booleans()) for _ in NAMES))


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    return Orders(tmp_path)


def made_of(files: tuple[tuple[bytes, bool], ...]) -> list[Entry]:
    return [
        generated(name, content, executable=executable)
        for name, (content, executable) in zip(NAMES, files, strict=True)
    ]


def prepared(orders: Orders, before: Plan, plan: Plan, destination: Path) -> Rewriting | None:
    """The rewriting of an artifact that has just been written."""
    written = orders.write(destination, before)
    stamp = stamp_of(destination)
    assert written.sha256
    assert stamp
    return rewriting_of(before, plan, WrittenFile(before.fingerprint, stamp, written.sha256), destination)


def files_of(orders: Orders) -> PackedFiles:
    return PackedFiles(orders.tree)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(first=entries, second=entries)
def test_the_same_bytes(
    orders: Orders, first: tuple[tuple[bytes, bool], ...], second: tuple[tuple[bytes, bool], ...]
) -> None:
    before, plan = (plan_of(made_of(files), orders.parts) for files in (first, second))
    place = orders.root / "rewritten.zip"
    found = prepared(orders, before, plan, place)
    if first == second:
        assert found is None
        return
    assert found is not None
    assert [index for index, name in enumerate(NAMES) if first[index] != second[index]] == [
        NAMES.index(plan.entries[index].name) for index in found.changed
    ]
    artifact = found.write(files_of(orders))
    whole = orders.write(orders.root / "whole.zip", plan)
    assert place.read_bytes() == whole.path.read_bytes()
    assert artifact is not None
    assert replace(artifact, path=whole.path) == whole


def test_without_distributions(orders: Orders, tmp_path: Path) -> None:
    before, plan = plan_of([generated("a.py", b"1")]), plan_of([generated("a.py", b"22")])
    found = prepared(orders, before, plan, tmp_path / "out/own.zip")
    assert found
    assert found.write(files_of(orders))
    with zipfile.ZipFile(tmp_path / "out/own.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"a.py": b"22"}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["own.zip"]


@pytest.mark.parametrize("damage", ["gone", "cut", "altered", "empty", "other"])
def test_a_file_that_is_another_now_is_left_to_who_writes_it_whole(orders: Orders, tmp_path: Path, damage: str) -> None:
    place = tmp_path / "out/orders.zip"
    before = plan_of([generated("a.py", b"1"), generated("b.py", b"1")], orders.parts)
    plan = plan_of([generated("a.py", b"2"), generated("b.py", b"1")], orders.parts)
    found = prepared(orders, before, plan, place)
    assert found
    content = place.read_bytes()
    damaged = {
        "cut": content[:-1],
        "altered": b"#" + content[1:],
        "empty": b"",
        "other": orders.write(tmp_path / "other.zip", plan_of([])).path.read_bytes(),
    }
    place.unlink()
    if damage in damaged:
        place.write_bytes(damaged[damage])
    assert found.write(files_of(orders)) is None
    assert (place.read_bytes() if place.exists() else None) == damaged.get(damage)


def test_what_is_more_than_other_contents_is_not_rewritten(orders: Orders, tmp_path: Path) -> None:
    place = tmp_path / "orders.zip"
    before = plan_of([generated("a.py", b"1")], orders.parts)
    renamed = plan_of([generated("b.py", b"1")], orders.parts)
    more = plan_of([generated("a.py", b"2"), generated("b.py", b"1")], orders.parts)
    fewer_wheels = plan_of([generated("a.py", b"2")], orders.parts[1:])
    finished = replace(plan_of([generated("a.py", b"2")], orders.parts), finishing="plugin")
    for plan in (before, renamed, more, fewer_wheels, finished):
        assert prepared(orders, before, plan, place) is None
    changed = plan_of([generated("a.py", b"2")], orders.parts)
    stamp = stamp_of(place)
    assert stamp
    assert rewriting_of(before, changed, WrittenFile("of another plan", stamp, "0" * 64), place) is None


def test_large_artifacts_are_joined_by_the_kernel(
    orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "_MOST", 100_000)
    before, plan = (plan_of([generated("a.py", content)], orders.parts) for content in (b"1", b"2"))
    assert prepared(orders, before, plan, tmp_path / "orders.zip") is None


def test_a_file_that_changes_meanwhile_keeps_the_previous_artifact(orders: Orders, tmp_path: Path) -> None:
    place = tmp_path / "out/orders.zip"
    earlier = [generated(entry.name, b"earlier", executable=entry.executable) for entry in orders.own]
    found = prepared(orders, plan_of(earlier, orders.parts), orders.plan, place)
    content = place.read_bytes()
    (orders.root / "app/handler.py").write_text("")
    assert found
    with pytest.raises(SlspackError) as caught:
        found.write(files_of(orders))
    assert [finding.code for finding in caught.value.findings] == [Code.FILE_CHANGED]
    assert place.read_bytes() == content
    assert [path.name for path in place.parent.iterdir()] == ["orders.zip"]

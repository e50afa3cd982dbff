"""What a build does for the store when it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.housekeeping import keep_within_bounds
from slspack.keys import key_of
from slspack.model import Digest, DistName, Lock, LockedDistribution, WheelFile
from slspack.store import Kind, Limits, Store
from slspack.targets import parse_target
from tests.support.stores import files_in

if TYPE_CHECKING:
    from pathlib import Path

KEY = key_of("test", 1)


def lock_of(*wheels: str) -> Lock:
    target = parse_target("python3.13")
    assert target is not None
    files = [WheelFile("a.whl", "https://index.example/a.whl", Digest(wheel * 64), 1) for wheel in wheels]
    return Lock(target, tuple(LockedDistribution(DistName("a"), "1", file) for file in files))


def test_a_build_that_added_nothing_leaves_the_store_alone(tmp_path: Path) -> None:
    keep_within_bounds(Store(tmp_path / "store"), Limits(max_size=0), [lock_of("a")])
    assert not (tmp_path / "store").exists()


def test_a_build_prunes_what_no_living_session_uses(tmp_path: Path) -> None:
    before, store = Store(tmp_path), Store(tmp_path)
    before.write(Kind.SEGMENT, KEY, b"1")
    before.close()
    store.write(Kind.FACTS, KEY, b"1")
    store.close()
    keep_within_bounds(store, Limits(max_size=0), [])
    assert files_in(store) == []


def test_requirement_sets_are_noted_where_their_number_is_bounded(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keep_within_bounds(store, Limits(max_versions=2), [lock_of("a"), lock_of("a", "b"), lock_of("a")])
    noted = {path.name for path in (tmp_path / "v1" / "versions").iterdir()}
    assert len(noted) == 2
    keep_within_bounds(store, Limits(max_versions=2), [lock_of("b", "a")])
    assert {path.name for path in (tmp_path / "v1" / "versions").iterdir()} == noted


def test_a_store_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "v1").write_text("a file")
    keep_within_bounds(Store(tmp_path), Limits(max_versions=1), [lock_of("a")])
    assert [path.name for path in tmp_path.iterdir()] == ["v1"]

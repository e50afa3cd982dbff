"""Keeping the store within bounds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from slspack.keys import key_of
from slspack.store import Kind, Limits, Store
from slspack.store.census import stored_objects, totals
from slspack.store.prune import note_version, prune, tidy
from slspack.store.receipt import receipt_path
from tests.support.stores import files_in

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from slspack.model import Digest

HOUR = 3600 * 10**9
DAY = 24 * HOUR


def key(number: int) -> Digest:
    return key_of("n", number)


def written(root: Path, sizes: list[int], kind: Kind = Kind.SEGMENT) -> Store:
    """A store that nobody uses, with an object of each size, last used so many days ago as it stands before the end."""
    store = Store(root)
    for number, size in enumerate(sizes):
        store.write(kind, key(number), bytes(size))
        use(store, number, len(sizes) - number, kind)
    store.close()
    return store


def use(store: Store, number: int, days: int, kind: Kind = Kind.SEGMENT) -> None:
    """Let the object be used last so many days ago."""
    receipt = receipt_path(store.path(kind, key(number)))
    os.utime(receipt)
    then = receipt.stat().st_mtime_ns - days * DAY
    os.utime(receipt, ns=(then, then))


def left(store: Store) -> set[int]:
    keys = {each.key for each in stored_objects(store)}
    return {number for number in range(50) if key(number) in keys}


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    store = written(tmp_path, [10, 20, 30, 40])
    use(store, 0, 0)
    rehearsed = prune(store, Limits(max_size=60), rehearse=True)
    assert left(store) == {0, 1, 2, 3}
    pruned = prune(store, Limits(max_size=60))
    assert rehearsed == pruned
    assert [each.key for each in pruned.removed] == [key(1), key(2)]
    assert (pruned.removed_bytes, pruned.in_use, pruned.left) == (50, (), 50)
    assert left(store) == {0, 3}
    assert not receipt_path(store.path(Kind.SEGMENT, key(1))).exists()


def test_without_limits_everything_stays(tmp_path: Path) -> None:
    store = written(tmp_path, [10, 20])
    assert prune(store, Limits()).removed == ()


def test_what_was_not_used_for_long_goes(tmp_path: Path) -> None:
    store = written(tmp_path, [1] * 5)
    prune(store, Limits(max_age=3 * 24 * 3600 - 60))
    assert left(store) == {3, 4}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 50), max_size=8), st.integers(0, 200))
def test_no_more_is_removed_than_need_be(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], limit: int
) -> None:
    store = written(tmp_path_factory.mktemp("store"), sizes)
    pruned = prune(store, Limits(max_size=limit))
    kept = left(store)
    assert sum(sizes[number] for number in kept) == pruned.left <= limit
    assert kept == set(range(len(sizes) - len(kept), len(sizes)))
    if pruned.removed:
        assert pruned.left + pruned.removed[-1].size > limit


def test_what_a_living_session_uses_stays(tmp_path: Path) -> None:
    store = written(tmp_path, [1, 1, 1, 1])
    user = Store(tmp_path)
    assert user.find(Kind.SEGMENT, key(1)) is not None
    assert user.read(Kind.SEGMENT, key(2)) is not None
    user.write(Kind.SEGMENT, key(9), b"1")
    rehearsed = prune(store, Limits(max_size=0), rehearse=True)
    pruned = prune(store, Limits(max_size=0))
    assert {each.key for each in pruned.in_use} == {key(1), key(2), key(9)} == {each.key for each in rehearsed.in_use}
    assert left(store) == {1, 2, 9}
    user.close()
    prune(store, Limits(max_size=0))
    assert left(store) == set()


def test_an_object_used_between_counting_and_removing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, user = written(tmp_path, [1, 1]), Store(tmp_path)
    changing, calls = store.changing, list[int]()

    def interrupted() -> object:
        calls.append(1)
        if len(calls) == 2:
            assert user.find(Kind.SEGMENT, key(0)) is not None
        return changing()

    monkeypatch.setattr(store, "changing", interrupted)
    pruned = prune(store, Limits(max_size=0))
    assert left(store) == {0}
    assert [each.key for each in pruned.in_use] == [key(0)]
    user.close()


def test_an_object_removed_while_it_is_looked_for_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, user = written(tmp_path, [1]), Store(tmp_path)
    assert user.find(Kind.SEGMENT, key(5)) is None
    changing = user.changing

    def too_late() -> object:
        store.path(Kind.SEGMENT, key(0)).unlink()
        return changing()

    monkeypatch.setattr(user, "changing", too_late)
    assert user.find(Kind.SEGMENT, key(0)) is None


def test_use_is_noted_once_a_session_and_not_each_hour_anew(tmp_path: Path) -> None:
    store = written(tmp_path, [1, 1])
    receipt = receipt_path(store.path(Kind.SEGMENT, key(0)))
    user = Store(tmp_path)
    user.find(Kind.SEGMENT, key(0))
    noted = receipt.stat().st_mtime_ns
    assert noted >= user.started
    then = user.started - HOUR // 2
    os.utime(receipt, ns=(then, then))
    user.find(Kind.SEGMENT, key(0))
    assert receipt.stat().st_mtime_ns == then
    assert prune(store, Limits(max_size=0)).in_use != ()
    user.close()


def test_use_does_not_make_an_object_be_hashed_again(tmp_path: Path) -> None:
    store = written(tmp_path, [1])
    before = store.path(Kind.SEGMENT, key(0)).stat().st_mtime_ns
    store.find(Kind.SEGMENT, key(0))
    assert store.path(Kind.SEGMENT, key(0)).stat().st_mtime_ns == before


def test_receipts_without_an_object_and_objects_without_a_receipt(tmp_path: Path) -> None:
    store = written(tmp_path, [1, 1, 1])
    store.path(Kind.SEGMENT, key(0)).unlink()
    receipt_path(store.path(Kind.SEGMENT, key(1))).unlink()
    assert prune(store, Limits(max_size=2)).left == 2
    assert not receipt_path(store.path(Kind.SEGMENT, key(0))).exists()
    prune(store, Limits(max_size=0))
    assert files_in(store) == []


def test_an_object_that_is_open_where_that_prevents_removal_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = written(tmp_path, [1])
    monkeypatch.setattr("slspack.store.store.remove", lambda _path: False)
    pruned = prune(store, Limits(max_size=0))
    assert (pruned.removed, len(pruned.in_use), pruned.left) == ((), 1, 1)


def test_outputs_of_the_last_requirement_sets_stay(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in range(3):
        builder = Store(tmp_path)
        builder.write(Kind.SEGMENT, key(number), b"1")
        builder.write(Kind.FACTS, key(number), b"1")
        note_version(builder, key(number))
        use(builder, number, 3 - number)
        use(builder, number, 3 - number, Kind.FACTS)
        noted = tmp_path / "v1" / "versions" / key(number)
        then = noted.stat().st_mtime_ns - (3 - number) * DAY
        os.utime(noted, ns=(then, then))
        builder.close()
    assert prune(store, Limits(max_versions=3)).removed == ()
    pruned = prune(store, Limits(max_versions=2))
    assert [(each.kind, each.key) for each in pruned.removed] == [(Kind.SEGMENT, key(0))]
    assert {path.name for path in (tmp_path / "v1" / "versions").iterdir()} == {key(1), key(2)}


def test_builds_tidy_once_a_day_what_they_added_to(tmp_path: Path) -> None:
    store = written(tmp_path, [5, 5])
    limits = Limits(max_size=5)
    assert tidy(Store(tmp_path), limits) is None
    store.write(Kind.SEGMENT, key(7), b"1")
    pruned = tidy(store, limits)
    assert pruned is not None
    assert left(store) == {7}
    use(store, 7, 3)
    assert tidy(store, Limits(max_size=0)) is None
    stamp = tmp_path / "v1" / "pruned"
    os.utime(stamp, ns=(stamp.stat().st_mtime_ns - 2 * DAY,) * 2)
    assert tidy(store, Limits(max_size=0)) is not None
    assert left(store) == set()


def test_tidying_that_fails_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    store.write(Kind.SEGMENT, key(7), b"1")

    def refuse() -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "changing", refuse)
    assert tidy(store, Limits(max_size=0)) is None


def test_totals(tmp_path: Path) -> None:
    store = written(tmp_path, [5, 6])
    assert [(each.objects, each.bytes) for each in totals(store) if each.kind is Kind.SEGMENT] == [(2, 11)]
    assert sum(each.objects for each in totals(Store(tmp_path / "absent"))) == 0

"""Locks and sessions: what a process holds goes with it, and never stays behind."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from slspack.keys import key_of
from slspack.store import Kind, Store, locks
from slspack.store.locks import acquire, holding, holding_briefly, try_acquire
from slspack.store.session import Session, sweep, sweep_locks

if TYPE_CHECKING:
    from pathlib import Path

KEY = key_of("test", 1)
DAY = 24 * 3600 * 10**9


@pytest.fixture(params=["flock", "filelock"])
def _kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "filelock":
        monkeypatch.setattr(locks, "fcntl", None)
        monkeypatch.setattr(locks, "WINDOWS", True)


@pytest.mark.usefixtures("_kind")
def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = acquire(path)
    assert try_acquire(path) is None
    lock.release()
    again = try_acquire(path)
    assert again is not None
    again.remove()


@pytest.mark.usefixtures("_kind")
def test_who_waits_gets_the_lock_that_was_removed(tmp_path: Path) -> None:
    path, order = tmp_path / "lock", list[str]()

    def wait() -> None:
        with holding(path):
            order.append("second")

    with holding_briefly(path):
        waiting = threading.Thread(target=wait)
        waiting.start()
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_many_threads_take_turns_at_a_lock_that_is_made_anew_each_time(tmp_path: Path) -> None:
    path, inside, overlaps = tmp_path / "lock", list[int](), list[int]()

    def work(number: int) -> None:
        for _ in range(50):
            with holding_briefly(path):
                inside.append(number)
                if len(inside) > 1:
                    overlaps.append(number)
                inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == []
    assert not path.exists()


def test_object_locks_do_not_pile_up(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    with ExitStack() as stack:
        for number in range(20):
            stack.enter_context(store.exclusive(Kind.SEGMENT, key_of("n", number)))
        stack.enter_context(store.exclusive(Kind.FACTS, key_of("n", 1)))
        assert len(list((store.base / "locks").iterdir())) == 21
    assert list((store.base / "locks").iterdir()) == []


def test_what_a_killed_maker_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / "segments-left").touch()
    held = acquire(tmp_path / "segments-held")
    sweep_locks(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["segments-held"]
    held.release()
    sweep_locks(tmp_path / "absent")


@pytest.mark.usefixtures("_kind")
def test_sessions_that_are_over_are_swept_with_what_they_wrote(tmp_path: Path) -> None:
    living = Session.start(tmp_path, 100)
    dead = tmp_path / "50-dead"
    dead.touch()
    (tmp_path / "50-dead.d").mkdir()
    (tmp_path / "50-dead.d" / "half").write_bytes(b"half")
    (tmp_path / "60-forgotten.d").mkdir()
    (living.scratch() / "half").write_bytes(b"half")
    assert sweep(tmp_path, 10 * DAY) == [100]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 2
    assert all(name.startswith("100-") for name in names)
    living.close()
    assert list(tmp_path.iterdir()) == []
    assert sweep(tmp_path, DAY) == sweep(tmp_path / "absent", DAY) == []


def test_where_there_are_no_locks_sessions_end_by_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    old, young = Session.start(tmp_path, 1), Session.start(tmp_path, 2 * DAY)
    (tmp_path / "3-lock").touch()
    sweep_locks(tmp_path)
    (tmp_path / "3-lock").unlink()
    assert sweep(tmp_path, 3 * DAY) == [2 * DAY]
    old.close()
    young.close()


def test_other_errors_of_locking_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(OSError, match="Input/output"):
        acquire(tmp_path / "lock")


def test_a_forked_child_does_not_end_its_parent_s_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session.start(tmp_path, 1)
    parent = os.getpid()
    with monkeypatch.context() as child:
        child.setattr(os, "getpid", lambda: parent + 1)
        session.close()
    assert sweep(tmp_path, 2) == [1]
    session.close()
    assert sweep(tmp_path, 2) == []


def test_closing_a_store_ends_its_session_and_using_it_begins_another(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.close()
    store.write(Kind.FACTS, KEY, b"1")
    store.close()
    assert list((store.base / "sessions").iterdir()) == []
    assert store.read(Kind.FACTS, KEY) == b"1"
    assert len(list((store.base / "sessions").iterdir())) == 1
    sessions = store.base / "sessions"
    del store
    assert list(sessions.iterdir()) == []

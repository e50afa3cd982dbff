"""Work on all cores: in order, and no more of it than is wanted once something went wrong."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, current_thread

import pytest

from slspack.cores import on_all_cores


@pytest.fixture(autouse=True)
def _four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)


def test_the_results_are_in_the_order_of_the_items() -> None:
    together = Barrier(4)

    def work(item: int) -> tuple[int, str]:
        together.wait(60)  # ends only where four are at it
        return item * item, current_thread().name

    done = on_all_cores(work, range(8))
    assert [square for square, _ in done] == [item * item for item in range(8)]
    assert "MainThread" not in {name for _, name in done}


@pytest.mark.parametrize(("items", "cores"), [(1, 4), (3, 1), (3, None), (0, 4)])
def test_where_one_thread_is_enough_none_is_started(
    items: int, cores: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert on_all_cores(lambda _: current_thread().name, range(items)) == ["MainThread"] * items


def test_after_a_failure_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    given_up = Event()
    shutdown = ThreadPoolExecutor.shutdown

    def noting(pool: ThreadPoolExecutor, *, wait: bool = True, cancel_futures: bool = False) -> None:
        shutdown(pool, wait=wait, cancel_futures=cancel_futures)
        given_up.set()

    def work(item: int) -> None:
        begun.append(item)
        if item == 0:
            raise ValueError("the first")
        assert given_up.wait(60)
        raise ValueError("a later one")

    monkeypatch.setattr(ThreadPoolExecutor, "shutdown", noting)
    with pytest.raises(ValueError, match=r"^the first$"):
        on_all_cores(work, range(100))
    assert set(begun) <= {0, 1, 2, 3, 4}  # three beside the first, and what its thread took up after it

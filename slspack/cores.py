"""Work that is mostly the system's and C's (inflating, hashing, copying), done by a thread for each core."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_MOST = 4
"""How many threads at most: each has some megabytes in its hands, and the disk is one."""


def on_all_cores(work: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    """What the work gives for each item, in their order. Raises what it raised for the first of them, if it did.

    What is under way by then is brought to its end, what has not begun is not.
    """
    workers = min(len(items), os.cpu_count() or 1, _MOST)
    if workers < 2:
        return [work(item) for item in items]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers, "core") as pool:
        try:
            return [*pool.map(work, items)]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise

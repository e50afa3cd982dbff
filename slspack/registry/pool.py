"""Threads that ask servers. An interrupt does not wait for answers that may never come."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from slspack.registry.session import WORKERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import ThreadPoolExecutor


@contextmanager
def asking(answers: int = 2 * WORKERS) -> Iterator[ThreadPoolExecutor]:
    """Threads for the block: when it ends, what they have begun is done, and what they have not is given up.

    `answers` is how many short ones are expected. Half as many threads get them as soon: a new connection takes as long
    as two answers on one that is there, and more of the processor.

    After KeyboardInterrupt they are not waited for: `slspack.__main__` ends the process in spite of them.
    """
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(min(WORKERS, max(1, (answers + 1) // 2)))
    interrupted = False
    try:
        yield pool
    except KeyboardInterrupt:
        interrupted = True
        raise
    finally:
        pool.shutdown(wait=not interrupted, cancel_futures=True)

"""Threads that ask servers. An interrupt does not wait for answers that may never come."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from slspack.registry.session import WORKERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import ThreadPoolExecutor


@contextmanager
def asking() -> Iterator[ThreadPoolExecutor]:
    """Threads for the block: when it ends, what they have begun is done, and what they have not is given up.

    After KeyboardInterrupt they are not waited for: `slspack.__main__` ends the process in spite of them.
    """
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(WORKERS)
    interrupted = False
    try:
        yield pool
    except KeyboardInterrupt:
        interrupted = True
        raise
    finally:
        pool.shutdown(wait=not interrupted, cancel_futures=True)

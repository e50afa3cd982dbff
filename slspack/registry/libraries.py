"""The library for HTTP, loaded by one thread at a time.

It imports itself in circles. Where two threads are about it at once, Python ends the circle by giving one of them a
module that is half loaded, or up (`_DeadlockError`).
"""

from __future__ import annotations

from threading import RLock

_LOADING = RLock()


def load_urllib3() -> None:
    """Load urllib3, unless it is."""
    with _LOADING:
        import urllib3  # noqa: F401

"""`python -m slspack` and the `slspack` console script."""

from __future__ import annotations

import atexit
import gc
import sys

_GRACE = 1.0
"""Seconds that threads have after an interrupt to take away what they were writing."""


def main() -> int:
    """Run the command line and return its exit status."""
    _read_names_as_utf8()
    _keep_what_is_made()
    from slspack.cli import run

    status = run()
    if status:
        from slspack.errors import ExitStatus

        if status == ExitStatus.INTERRUPTED:
            _leave(status)
    return status


def _read_names_as_utf8() -> None:
    """Begin again in Python's UTF-8 mode where the locale would have us read files' names in another encoding.

    Names in an artifact are the same on every machine (PEP 540; from Python 3.15 on, PEP 686 makes it the default).
    """
    if sys.getfilesystemencoding() != "utf-8":
        import os

        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 (ourselves, as called)


def _keep_what_is_made() -> None:
    """Look for no cyclic garbage, not even at the end, when the process gives back all it has.

    A run is short and keeps nearly all that it makes: the search took a tenth of a build, mostly after its end. Who
    runs long has it looked for again (`slspack.collector`).
    """
    gc.disable()
    atexit.register(gc.freeze)


def _leave(status: int) -> None:
    """End the process even if a thread waits for a server that is silent, which the interpreter would wait for."""
    import os
    import threading
    import time

    deadline = time.monotonic() + _GRACE
    others = [one for one in threading.enumerate() if one is not threading.current_thread() and not one.daemon]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    raise SystemExit(main())

"""`python -m slspack` and the `slspack` console script."""

from __future__ import annotations

import gc
import sys

_MANY_OBJECTS = 100_000
"""So many are made before cycles are looked for among them: what a command loads and makes has few, and is kept."""
_GRACE = 1.0
"""Seconds that threads have after an interrupt to take away what they were writing."""


def main() -> int:
    """Run the command line and return its exit status."""
    _read_names_as_utf8()
    gc.set_threshold(_MANY_OBJECTS)
    from slspack.cli import run

    status = run()
    if status:
        from slspack.errors import ExitStatus

        if status == ExitStatus.INTERRUPTED:
            _leave(status)
    gc.freeze()  # or the interpreter looks through all of it once more when it ends
    return status


def _read_names_as_utf8() -> None:
    """Begin again in Python's UTF-8 mode where the locale would have us read files' names in another encoding.

    Names in an artifact are the same on every machine (PEP 540; from Python 3.15 on, PEP 686 makes it the default).
    """
    if sys.getfilesystemencoding() != "utf-8":
        import os

        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 (ourselves, as called)


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

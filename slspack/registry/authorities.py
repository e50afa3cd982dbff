"""Certificate authorities, read once a process: it takes 20 ms, for which no other thread has to wait."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from slspack.registry.libraries import load_urllib3

if TYPE_CHECKING:
    from ssl import SSLContext

_READING = Lock()


def trusting(authorities: bool | str) -> SSLContext:  # noqa: FBT001 (as requests has it)
    """A context that trusts the certificates of a bundle or a folder; of requests' own bundle, if it is just True."""
    with _READING:  # all the first connections ask at once
        return _read(authorities)


def read_ahead(authorities: bool | str) -> None:  # noqa: FBT001
    """Read them for who will ask. What is wrong with them, the asker is told."""
    with suppress(OSError):
        trusting(authorities)


@cache
def _read(authorities: bool | str) -> SSLContext:  # noqa: FBT001
    load_urllib3()
    import certifi
    from urllib3.util.ssl_ import create_urllib3_context

    place = Path(certifi.where() if authorities is True else str(authorities))
    context = create_urllib3_context()
    if place.is_dir():
        context.load_verify_locations(capath=place)
    else:
        context.load_verify_locations(cafile=place)
    return context

"""Logins from the user's netrc file: `NETRC`, or `.netrc` or `_netrc` in the home folder, as pip reads it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.registry.credentials import Login

if TYPE_CHECKING:
    from netrc import netrc


def netrc_login(host: str) -> Login | None:
    """The login for a host. A file that cannot be read or parsed has none: it may be written for other programs."""
    place = _place()
    if place is None:
        return None
    known = _read(place)
    found = known.authenticators(host) if known is not None else None
    if not found or not any(found):
        return None
    login, account, password = found
    return Login(login or account or "", password or "")


def _place() -> Path | None:
    named = os.environ.get("NETRC")
    try:
        places = [Path(named).expanduser()] if named is not None else [Path.home() / ".netrc", Path.home() / "_netrc"]
    except RuntimeError:  # nobody's home
        return None
    return next((place for place in places if place.exists()), None)


@cache
def _read(place: Path) -> netrc | None:
    from netrc import NetrcParseError, netrc

    try:
        return netrc(place)
    except (NetrcParseError, OSError, UnicodeDecodeError):
        return None

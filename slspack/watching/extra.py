"""What watching needs beside a plain installation."""

from __future__ import annotations

import importlib.util

from slspack.codes import Code
from slspack.errors import MachineError

_NEEDED = ("pathspec", "watchfiles")


def require_extra() -> None:
    """Raise SLS0906 where the extra `watch` is not installed."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        names = " and ".join(f"`{name}`" for name in missing)
        raise MachineError.of(
            Code.EXTRA_MISSING,
            f"`slspack watch` needs {names}, which a plain installation leaves out",
            hint="install what it needs beside slspack: `pip install 'slspack[watch]'`",
        )

"""Requirements files that `slspack lock` has written: how they begin, and what they say they were made from."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.resolve.files import ServiceFiles

_MADE_FROM = re.compile(r"^# Made from: (.+)$", re.MULTILINE)
_FIRST = "# This file is written by slspack. To write it anew, run:"


def heading(command: str, sources: Iterable[str], path: str) -> str:
    """The comment that a file at `path` begins with: which command makes it, and from what."""
    folder = posixpath.dirname(path) or "."
    inputs = ", ".join(posixpath.relpath(one, folder) for one in sources)
    return f"#\n{_FIRST}\n#\n#    {command}\n#\n# Made from: {inputs}\n#\n"


def is_own(text: str) -> bool:
    """Whether slspack has written a requirements file: another one is never overwritten."""
    return text.startswith(f"#\n{_FIRST}\n")


def made_from(path: str, files: ServiceFiles) -> tuple[str, ...]:
    """What a file at `path` was made from, relative to the service; nothing for a file that slspack has not written."""
    text = (files.read(path) or b"").decode("utf-8", "replace")
    stated = _MADE_FROM.search(text) if is_own(text) else None
    if stated is None:
        return ()
    folder = posixpath.dirname(path)
    return tuple(posixpath.normpath(posixpath.join(folder, one.strip())) for one in stated[1].split(","))

"""The names that stages exchange, as types of their own."""

from __future__ import annotations

import re
from typing import NewType

Digest = NewType("Digest", str)
"""A sha256, as 64 lower-case hexadecimal digits."""

DistName = NewType("DistName", str)
"""The normalised name of a distribution (PEP 503)."""

ModuleName = NewType("ModuleName", str)
"""A dotted module name as `importlib.import_module` takes it; parts need not be identifiers (`src.my-lambda`)."""

ArchivePath = NewType("ArchivePath", str)
"""The name of a file in an artifact: POSIX, relative, without `.` or `..`, UTF-8."""


def dist_name(text: str) -> DistName:
    """Normalise a distribution's name (PEP 503)."""
    return DistName(re.sub(r"[-_.]+", "-", text).lower())

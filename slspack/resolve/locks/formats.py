"""The lock formats by the names of their files."""

from __future__ import annotations

import posixpath
from enum import Enum

from slspack.frozen import dataclass

PYLOCK = "pylock.toml"


class LockFormat(Enum):
    """Who wrote a lock file."""

    PYLOCK = "pylock"
    UV = "uv"
    POETRY = "poetry"
    PDM = "pdm"
    PIPENV = "pipenv"


@dataclass(frozen=True, slots=True)
class LockName:
    """A lock file's fixed name, the project file beside it, and the command that makes it anew."""

    format: LockFormat
    project: str
    refresh: str


LOCK_NAMES = {
    "uv.lock": LockName(LockFormat.UV, "pyproject.toml", "uv lock"),
    "poetry.lock": LockName(LockFormat.POETRY, "pyproject.toml", "poetry lock"),
    "pdm.lock": LockName(LockFormat.PDM, "pyproject.toml", "pdm lock"),
    "Pipfile.lock": LockName(LockFormat.PIPENV, "Pipfile", "pipenv lock"),
}


def lock_format(path: str) -> LockFormat | None:
    """The format that a file's name stands for; None for one that is no lock file.

    `pylock.toml` and `pylock.NAME.toml` are PEP 751's names; `NAME.py.lock` is what uv writes beside a script.
    """
    name = posixpath.basename(path)
    if name == PYLOCK or (name.startswith("pylock.") and name.endswith(".toml") and name.count(".") == 2):
        return LockFormat.PYLOCK
    if name.endswith(".py.lock"):
        return LockFormat.UV
    known = LOCK_NAMES.get(name)
    return known.format if known else None


def refresh_command(path: str) -> str:
    """What makes a lock file anew."""
    name = posixpath.basename(path)
    if name.endswith(".py.lock"):
        return f"uv lock --script {path.removesuffix('.lock')}"
    known = LOCK_NAMES.get(name)
    return known.refresh if known else "slspack lock"

"""Interpreters of other minor versions, for tests marked `interpreters`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def find_interpreter(minor: str) -> Path:
    """The executable of `3.13`: on PATH, among uv's or among pyenv's. Raises LookupError if there is none."""
    for candidate in _candidates(minor):
        if _is_minor(candidate, minor):
            return candidate
    raise LookupError(f"no Python {minor} on PATH, in uv or in pyenv")


def _candidates(minor: str) -> Iterator[Path]:
    on_path = shutil.which(f"python{minor}")
    if on_path:
        yield Path(on_path)
    uv = shutil.which("uv")
    if uv:
        found = subprocess.run(
            [uv, "python", "find", "--no-python-downloads", minor], capture_output=True, text=True, check=False
        )
        if found.returncode == 0:
            yield Path(found.stdout.strip())
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob(f"versions/{minor}*/bin/python"), reverse=True)


def _is_minor(executable: Path, minor: str) -> bool:
    """Whether it runs and is of that minor (a shim on PATH may not be)."""
    said = subprocess.run(
        [executable, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=False,
    )
    return said.returncode == 0 and said.stdout.strip() == minor

"""Finds CPython interpreters of other minor versions on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSION = "import sys; print(sys.implementation.name, *sys.version_info[:2], sep='.')"


class InterpreterMissingError(AssertionError):
    """The machine has no such interpreter: a test that needs it fails, and is not skipped."""


@cache
def find_interpreter(minor: str) -> Path:
    """The real executable of CPython `minor` (`3.13`), proved by running it.

    Raises InterpreterMissingError, which names every place that was looked at.
    """
    tried = []
    for candidate in _candidates(minor):
        if _reports(candidate) == f"cpython.{minor}":
            return candidate
        tried.append(str(candidate))
    places = ", ".join(dict.fromkeys(tried)) or "PATH, pyenv and uv"
    raise InterpreterMissingError(f"CPython {minor} is needed and not on this machine (looked at: {places})")


def _candidates(minor: str) -> Iterator[Path]:
    """Executables that may be it. A pyenv shim is on PATH even where it only prints that it cannot run."""
    if minor == "{}.{}".format(*sys.version_info):
        yield Path(sys.executable)
    for folder in os.get_exec_path():
        found = shutil.which(f"python{minor}", path=folder)
        if found:
            yield Path(found)
    for versions in _pyenv_folders():
        yield from sorted(versions.glob(f"{minor}.*/bin/python{minor}"), key=_patch, reverse=True)
    yield from _known_to_uv(minor)


def _pyenv_folders() -> list[Path]:
    roots = [os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv"]
    return [Path(root) / "versions" for root in roots if root]


def _patch(executable: Path) -> int:
    digits = executable.parent.parent.name.rpartition(".")[2]
    return int(digits) if digits.isdecimal() else -1


def _known_to_uv(minor: str) -> list[Path]:
    command = [sys.executable, "-m", "uv", "python", "find", "--no-python-downloads", "--no-project", minor]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return [Path(answer.stdout.strip())] if answer.returncode == 0 and answer.stdout.strip() else []


def _reports(executable: Path) -> str:
    """`cpython.3.13`, from the interpreter itself; empty if it does not run."""
    try:
        answer = subprocess.run(
            [executable, "-I", "-c", _VERSION], capture_output=True, text=True, check=False, timeout=60
        )
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""

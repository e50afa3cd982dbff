"""A real Docker daemon for tests: the base image made on this machine, and wheels for builds inside it."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.interpreters import find_interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slspack.model import Target

MINORS = ("3.11", "3.13")
"""The minors of Python in the base image: one of Amazon Linux 2, one of Amazon Linux 2023."""

_RECIPE = Path(__file__).parents[2] / "docker" / "testbase" / "make"
_SHARED = Path(tempfile.gettempdir()) / "slspack-test-wheels"


@cache
def base_image() -> str:
    """The name of the base image, made if this daemon does not have it. Fails where there is no daemon or no root."""
    prefixes = [_prefix(minor) for minor in MINORS]
    with _one_at_a_time("base-image"):
        made = subprocess.run([_RECIPE, *prefixes], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise AssertionError(
            f"{_RECIPE.name} failed (a Docker daemon, root and debootstrap are needed): {made.stderr[-2000:]}"
        )
    return made.stdout.strip()


def wheels_from_registry(requirements: Sequence[str], target: Target) -> Sequence[Path]:
    """What slspack's core does for a builder: wheels for the target of these and of all that they need."""
    key = hashlib.sha256(repr((sorted(requirements), str(target))).encode()).hexdigest()[:16]
    folder = _SHARED / key
    with _one_at_a_time(key):
        if not folder.is_dir():
            partial = folder.with_suffix(".partial")
            glibc = target.glibc[1]
            platforms = [f"--platform=manylinux_2_{minor}_x86_64" for minor in range(5, glibc + 1)]
            platforms += [f"--platform=manylinux{alias}_x86_64" for alias in ("1", "2010", "2014")]
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", f"--dest={partial}"]
            command += [f"--python-version={target.python[0]}.{target.python[1]}", *platforms]
            subprocess.run([*command, *requirements], check=True, stdout=subprocess.DEVNULL)
            partial.rename(folder)
    return sorted(folder.glob("*.whl"))


def docker(*arguments: str, given: bytes | None = None) -> str:
    """What Docker's own client prints, which slspack itself never runs."""
    return subprocess.run(["docker", *arguments], input=given, check=True, capture_output=True).stdout.decode().strip()


def _prefix(minor: str) -> str:
    """The installation that an interpreter belongs to, even where it is found through a virtual environment."""
    command = [str(find_interpreter(minor)), "-I", "-c", "import os, sys; print(os.path.realpath(sys.base_prefix))"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def _one_at_a_time(name: str) -> Iterator[None]:
    """Several workers of pytest-xdist want the same thing: one makes it, the others wait."""
    _SHARED.mkdir(exist_ok=True)
    with (_SHARED / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

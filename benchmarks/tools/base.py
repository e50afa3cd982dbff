"""What a tool has to say of itself to be compared, and where it may put things."""

from __future__ import annotations

import os
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tests.support.interpreters import find_interpreter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.services import BenchService, State

REPOSITORY = Path(__file__).parents[2]
TARGET_PYTHON = "3.13"


@dataclass(frozen=True, slots=True)
class Site:
    """The folders of one tool and one service: the tool's own, the service's copy, and the tool's caches.

    Everything that a tool keeps for its user between builds lies below `caches`; what it leaves in the service's
    folder is named by `Tool.outputs`.
    """

    home: Path
    root: Path
    caches: Path


class Tool(ABC):
    """One way of making a service's artifacts, as its users would set it up."""

    name: ClassVar[str]
    title: ClassVar[str]
    outputs: ClassVar[tuple[str, ...]]

    @abstractmethod
    def install(self, home: Path) -> str:
        """Install it below `home`, if it is not there, and return the version.

        Raises subprocess.CalledProcessError or FileNotFoundError where that is impossible.
        """

    @abstractmethod
    def files(self, service: BenchService, state: State) -> Mapping[str, str]:
        """What its users add to the service: its configuration, its scripts, requirements kept by hand."""

    @abstractmethod
    def command(self, site: Site) -> Sequence[str]:
        """The one command that builds, run in the service's folder."""

    @abstractmethod
    def artifacts(self, service: BenchService, site: Site) -> Mapping[str, Artifact]:
        """Where the artifact of each function is, by the function's name."""

    def prepare(self, site: Site) -> None:
        """Do once, unmeasured, what its user has done before the first build."""
        site.caches.mkdir(parents=True, exist_ok=True)

    def environment(self, site: Site) -> dict[str, str]:
        """The variables of the build: the user's own, the target's interpreter first, every cache below the site's."""
        dropped = ("PYTHON", "VIRTUAL_ENV", "UV_CACHE", "SLSPACK_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        caches = {
            "XDG_CACHE_HOME": site.caches,
            "UV_CACHE_DIR": site.caches / "uv",
            "PIP_CACHE_DIR": site.caches / "pip",
        }
        places = [str(site.home / "bin"), str(target_interpreter().parent), kept.get("PATH", os.defpath)]
        return {
            **kept,
            **{name: str(path) for name, path in caches.items()},
            "PATH": os.pathsep.join(places),
            "LC_ALL": "C.UTF-8",
        }


@dataclass(frozen=True, slots=True)
class Artifact:
    """What Lambda would be given for one function: a zip or a folder, and folders of layers beside it."""

    path: Path
    handler: str
    layers: tuple[Path, ...] = ()


@cache
def target_interpreter() -> Path:
    """A CPython of the minor version that the functions run on."""
    return find_interpreter(TARGET_PYTHON)


def make_environment(home: Path, *requirements: str) -> None:
    """A virtual environment at `home` with these distributions, made unless there is one that has them."""
    uv = (sys.executable, "-m", "uv")
    if not (home / "bin" / "python").exists():
        run([*uv, "venv", "--quiet", "--python", sys.executable, str(home)])
    run(
        [
            *uv,
            "pip",
            "install",
            "--quiet",
            "--compile-bytecode",
            "--python",
            str(home / "bin" / "python"),
            *requirements,
        ]
    )


def run(command: Sequence[str], cwd: Path | None = None) -> str:
    """What an unmeasured command prints. Raises subprocess.CalledProcessError."""
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

"""Runs the worker: by an interpreter of this machine, or by the Python of a target's image."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slspack.builds.image import ImagePython, Ran
    from slspack.model import Service
    from slspack.plugins import PluginFiles

WORKER = Path(__file__).with_name("worker.py")
_OPTIONS = ("-s", "-S", "-B", "-W", "ignore")
_VARIABLES = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
"""With the options above what `-I` is, which would not let the seed of hashes be told."""


class Runner(Protocol):
    """Who runs the worker."""

    @property
    def named(self) -> str:
        """For messages."""

    @property
    def identity(self) -> str:
        """What it is known by besides what its Python says of itself; empty where there is nothing else."""

    def run(self, arguments: Sequence[str], given: bytes = b"") -> Ran:
        """Run the worker to its end. Raises MachineError where it cannot be started, OSError for no executable."""

    def note(self, files: PluginFiles) -> None:
        """Look at the files that a change of the runner shows in, so that later builds do."""


@dataclass(frozen=True, slots=True)
class LocalRunner:
    """An interpreter of this machine, by itself: no settings of the user's, and no packages."""

    named: str
    identity: str = ""

    def run(self, arguments: Sequence[str], given: bytes = b"") -> Ran:
        """Run the worker. Raises OSError for what cannot be executed."""
        from slspack.builds.image import Ran

        system = {
            name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ
        }  # Windows starts none without
        command = [self.named, *_OPTIONS, str(WORKER), *arguments]
        done = subprocess.run(command, input=given, capture_output=True, check=False, env=system | _VARIABLES)
        return Ran(done.returncode, done.stdout, done.stderr)

    def note(self, files: PluginFiles) -> None:
        """The executable."""
        files.read_outside(self.named)


@dataclass(frozen=True, slots=True)
class ImageRunner:
    """The Python of an image, in one container for all that is compiled."""

    image: ImagePython
    identity: str
    service: Service
    environment: Mapping[str, str]

    @property
    def named(self) -> str:
        """The image in the user's words."""
        settings = self.service.build.image
        return settings.image or settings.file or "the runtime's image"

    def run(self, arguments: Sequence[str], given: bytes = b"") -> Ran:
        """Run the worker in the container. Raises MachineError where there can be none."""
        from slspack.builds.image import Script

        script = Script(WORKER.read_bytes(), _OPTIONS, tuple(arguments), tuple(_VARIABLES.items()))
        return self.image.run(script, given)

    def note(self, files: PluginFiles) -> None:
        """What its Dockerfile builds it from, if it has one; a newer image behind a name shows in no file."""
        from slspack.builds.image import find_context

        context = find_context(self.service.build.image, self.service.root, files.environment)
        for place in context.places() if context else ():
            if place != self.service.root:
                files.look_outside(str(place))

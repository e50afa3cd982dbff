"""The Python of a target's image: found in a container, and run there for scripts of slspack's own."""

from __future__ import annotations

import threading
import weakref
from contextlib import ExitStack
from typing import TYPE_CHECKING

from slspack.builds.image.archives import Archive
from slspack.builds.image.script import Ran
from slspack.codes import Code
from slspack.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.builds.image.builder import ImageBuilder
    from slspack.builds.image.container import Container
    from slspack.builds.image.script import Script
    from slspack.errors import SlspackError
    from slspack.model import Digest, Target

_FIND = 'for one in "$@"; do command -v "$one" && exit 0; done; exit 1'
_REDIRECTED = 'exec "$@" </slspack/given >/slspack/made'


class ImagePython:
    """Runs scripts in one container, from the first one until it is closed, or until this value or the process ends."""

    def __init__(self, builder: ImageBuilder, target: Target) -> None:
        """Nothing is started yet."""
        self._builder, self._target = builder, target
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._left = ExitStack()
        self._found: tuple[Container, str] | None = None
        weakref.finalize(self, self._left.close)

    @property
    def identity(self) -> Digest:
        """Of the image, as the daemon or its registry knows it: no container is started for it."""
        return self._builder.identity(self._target)

    def run(self, script: Script, given: bytes) -> Ran:
        """Run a script to its end.

        Raises ConfigError where the image has no Python, MachineError where it cannot be had or run.
        """
        with self._lock:
            container, python = self._found or self._start()
            with Archive() as archive:
                archive.add_bytes("slspack/script.py", script.source)
                archive.add_bytes("slspack/given", given)
                container.put(archive)
            words = bytearray()
            command = [python, *script.options, "/slspack/script.py", *script.arguments]
            try:
                redirected = ["/bin/sh", "-c", _REDIRECTED, "sh", *command]
                status = container.run(redirected, dict(script.variables), words.extend)
            except BaseException:
                self._close()
                raise
            return Ran(status, container.read("/slspack/made").get("made", b""), bytes(words))

    def close(self) -> None:
        """Remove the container; another one is started if there is more to run."""
        with self._lock:
            self._close()

    def _start(self) -> tuple[Container, str]:
        entered = self._builder.container(self._target, lambda _: None, None, self._stop)
        container, image = self._left.enter_context(entered)
        try:
            self._found = container, find_python(container, self._target, image.reference, {})
        except BaseException:
            self._close()
            raise
        return self._found

    def _close(self) -> None:
        self._found = None
        self._left.close()


def find_python(container: Container, target: Target, image: str, variables: Mapping[str, str]) -> str:
    """Where an image has Python, of the target's minor if it has one of it. Raises ConfigError where it has none."""
    major, minor = target.python
    candidates = (
        f"python{major}.{minor}",
        f"/var/lang/bin/python{major}.{minor}",
        f"/opt/python/cp{major}{minor}-cp{major}{minor}/bin/python",
        "python3",
        "python",
    )
    printed = bytearray()
    if container.run(["/bin/sh", "-c", _FIND, "sh", *candidates], variables, printed.extend) != 0:
        raise unfit(image, target, "it holds no Python")
    return printed.decode("utf-8", "replace").strip()


def unfit(image: str, target: Target, why: str) -> SlspackError:
    """An image that is none for a target."""
    minor = f"{target.python[0]}.{target.python[1]}"
    hint = f"choose an image with Python {minor}, or leave `image` out to take the runtime's own"
    return ConfigError.of(Code.IMAGE_UNFIT, f"the image `{image}` does not fit {target}: {why}", hint=hint)

"""A container for one build: made, filled, watched, and gone whatever happens."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from slspack.builds.builder import StoppedError
from slspack.builds.image.archives import files_in
from slspack.builds.image.daemon import NotThereError
from slspack.codes import Code
from slspack.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from threading import Event

    from slspack.builds.image.archives import Archive
    from slspack.builds.image.daemon import Daemon
    from slspack.builds.image.options import RunOptions

LABEL = "dev.slspack.build"
"""Every container has it; its value says whose it is: `HOST PID SECONDS`."""
_DAY = 24 * 60 * 60
_PATIENCE = 0.1
"""Seconds between two looks at whether the user has interrupted."""


class Container:
    """A running container. Its commands run as one user, and stop with StoppedError when the build is stopped."""

    def __init__(self, daemon: Daemon, identifier: str, user: str | None, stop: Event) -> None:
        self._daemon, self._id, self._stop = daemon, identifier, stop
        self._user = user

    def put(self, archive: Archive) -> None:
        """Unpack an archive at the root; it comes to belong to the container's user."""
        self._daemon.put(self._id, archive.finished())
        if self._user is not None:
            self._as_root(["chown", "-R", self._user, "/slspack"])

    def read(self, path: str) -> dict[str, bytes]:
        """The plain files of a folder (or the one file) by their names, without the folder's own name."""
        with tempfile.TemporaryFile() as archive:
            try:
                self._daemon.get(self._id, path, archive)
            except NotThereError:
                return {}
            archive.seek(0)
            return {name.rpartition("/")[2]: content for name, content in files_in(archive).items()}

    def run(self, command: Sequence[str], environment: Mapping[str, str], sink: Callable[[bytes], None]) -> int:
        """Run a command to its end and give its exit status.

        Raises StoppedError where the build was stopped, MachineError where somebody else ended the container.
        """
        status = self._daemon.run(self._id, command, environment, self._user or "0", sink)
        if self._stop.is_set():
            raise StoppedError
        if status is None:
            message = "the container of a build ended before the build did"
            hint = "somebody stopped it, or it took more memory than the daemon has: `docker events` and its log say"
            raise MachineError.of(Code.CONTAINER_LOST, message, hint=hint)
        return status

    def _as_root(self, command: Sequence[str]) -> None:
        self._daemon.run(self._id, command, {}, "0", lambda _: None)


@contextmanager
def running(
    daemon: Daemon, image: str, options: RunOptions, binds: Sequence[str], platform: str | None, stop: Event
) -> Iterator[Container]:
    """A container that runs, and does not any more when the block is left: by its end, an error, or `stop`.

    Raises NotThereError where the image cannot be run, with the daemon's words.
    """
    identifier = daemon.create(image, options, {LABEL: _owner()}, binds, platform)
    left = threading.Event()
    watcher = threading.Thread(target=_remove_when_stopped, args=(daemon, identifier, stop, left), daemon=True)
    try:
        lifeline = daemon.start(identifier)
        watcher.start()
        try:
            yield Container(daemon, identifier, options.user, stop)
        finally:
            left.set()
            with suppress(OSError):
                lifeline.close()
            watcher.join()
    finally:
        daemon.remove(identifier)


@contextmanager
def created(daemon: Daemon, image: str, options: RunOptions, platform: str | None) -> Iterator[str]:
    """A container that never runs: to read files out of an image."""
    identifier = daemon.create(image, options, {LABEL: _owner()}, (), platform)
    try:
        yield identifier
    finally:
        daemon.remove(identifier)


def remove_leftovers(daemon: Daemon) -> None:
    """Remove the containers of builds whose process on this machine is gone, and of any that are older than a day.

    A container ends with the process that made it; what may be left is one that had not started, or whose daemon
    was killed too.
    """
    for identifier, labels in daemon.labelled(LABEL).items():
        if _is_left(labels.get(LABEL, "")):
            daemon.remove(identifier)


def _owner() -> str:
    return f"{socket.gethostname()} {os.getpid()} {int(time.time())}"


def _is_left(owner: str) -> bool:
    host, _, rest = owner.partition(" ")
    pid, _, made = rest.partition(" ")
    if not pid.isdecimal() or not made.isdecimal():
        return True
    if time.time() - int(made) > _DAY:
        return True
    return host == socket.gethostname() and not _runs(int(pid))


def _runs(pid: int) -> bool:
    if os.name != "posix":
        return True  # Windows has no signal that only asks; the day's limit is left
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove_when_stopped(daemon: Daemon, identifier: str, stop: Event, left: Event) -> None:
    while not left.wait(_PATIENCE):
        if stop.is_set():
            daemon.remove(identifier)
            return

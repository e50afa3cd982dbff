"""A real Docker daemon for tests: the base image made on this machine, and wheels for builds inside it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.builds.image.container import LABEL
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


def containers() -> list[str]:
    """The labels of all that builds of this process have left; other workers have theirs."""
    return _own(docker("ps", "--all", "--filter", f"label={LABEL}", "--format", f'{{{{.Label "{LABEL}"}}}}'))


def containers_since(began: float) -> list[str]:
    """The labels of all that builds of this process have made since then; other workers make theirs meanwhile."""
    window = ("--since", f"{began:.3f}", "--until", f"{time.time():.3f}")
    label = f'{{{{index .Actor.Attributes "{LABEL}"}}}}'
    return _own(docker("events", *window, "--filter", "event=create", "--filter", f"label={LABEL}", "--format", label))


def _own(labels: str) -> list[str]:
    return [label for label in labels.splitlines() if label.split()[1] == str(os.getpid())]


class OwnDaemon:
    """A second daemon with a data folder of its own, which may be killed.

    It has a network of its own too, without a bridge: a daemon that is to have none takes away that of others.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = f"unix://{folder / 'docker.sock'}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        shutil.rmtree(self._folder / "exec" / "containerd", ignore_errors=True)  # a killed one left pid and socket
        command = ["unshare", "--net", "dockerd", "--host", self.address, "--bridge", "none", "--iptables=false"]
        for option, name in (("--data-root", "data"), ("--exec-root", "exec"), ("--pidfile", "pid")):
            command += [option, str(self._folder / name)]
        (self._folder / "pid").unlink(missing_ok=True)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        for _ in range(600):
            if (
                subprocess.run(
                    ["docker", "--host", self.address, "version"], capture_output=True, check=False
                ).returncode
                == 0
            ):
                return
            time.sleep(0.1)
        raise AssertionError((self._folder / "log").read_text("utf-8", "replace")[-2000:])

    def load(self, image: str) -> str:
        """Give it an image of the usual daemon."""
        saved = subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE)
        subprocess.run(["docker", "--host", self.address, "load"], stdin=saved.stdout, check=True, capture_output=True)
        if saved.stdout is not None:
            saved.stdout.close()
        assert saved.wait() == 0
        return image

    def kill(self) -> None:
        """End it at once, with the containerd that it has started; containers are left as they are."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)


@contextmanager
def own_daemon() -> Iterator[OwnDaemon]:
    """A daemon that nobody else uses, started; it and its data are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="slspack-dockerd-"))
    daemon = OwnDaemon(folder)
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.stop()
        _sweep(folder)


def _sweep(folder: Path) -> None:
    """What a daemon that was killed leaves behind: the shims of its containers, what they have mounted, and files."""
    subprocess.run(["pkill", "--signal", "KILL", "--full", str(folder)], check=False)
    places = [line.split()[1] for line in Path("/proc/self/mounts").read_text("utf-8").splitlines()]
    for place in reversed(places):
        if place.startswith(f"{folder}/"):
            subprocess.run(["umount", "--lazy", place], check=True)
    shutil.rmtree(folder)


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

"""What is left where a build is stopped, its container is ended, slspack is killed, or the daemon is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from slspack.builds import StoppedError
from slspack.builds.image import open_image_builder
from slspack.builds.image.container import LABEL
from slspack.errors import MachineError
from slspack.model import ImageSettings
from slspack.targets import parse_target
from tests.builds.image.support import task_for
from tests.support.bench import REPOSITORY, Bench
from tests.support.docker_host import base_image, docker, own_daemon
from tests.support.index import package_index
from tests.support.native_sources import own_backend
from tests.support.projects import write_sdist

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from slspack.builds import BuildTask

pytestmark = pytest.mark.docker

_ENDLESS = """
import time
print("under way", flush=True)
while True:
    time.sleep(0.1)
"""
NOWHERE = "unix:///nowhere.sock"
_SCRIPT = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background lets it be ignored
import sys
from pathlib import Path
from slspack.builds.image import open_image_builder
from slspack.model import ImageSettings
from slspack.targets import parse_target
from tests.builds.image.support import task_for
root = Path(sys.argv[1])
builder = open_image_builder(ImageSettings(image=sys.argv[2]), root, {})
builder.build(task_for(root / "source", parse_target("python3.13"), "endless"), root)
"""


def owned_by(pid: int, *client: str) -> list[str]:
    """The containers that a process made."""
    names = docker(*client, "ps", "--all", "--format", f'{{{{.ID}}}} {{{{.Label "{LABEL}"}}}}').splitlines()
    return [name.split()[0] for name in names if name.split()[2:3] == [str(pid)]]


def until(holds: Callable[[], object], what: str) -> None:
    """Wait for something that happens in another process."""
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"never: {what}")


class Running:
    """A build without an end, in a thread, after it has begun."""

    def __init__(self, root: Path, environment: dict[str, str], image: str) -> None:
        own_backend(root / "source", "endless", _ENDLESS)
        target = parse_target("python3.13")
        assert target is not None
        self.task: BuildTask = task_for(root / "source", target, "endless")
        self.failure: BaseException | None = None
        self._builder = open_image_builder(ImageSettings(image=image), root, environment)
        self._root = root
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        until(lambda: under_way(root) or self.failure, "the build begins")

    def _run(self) -> None:
        try:
            self._builder.build(self.task, self._root)
        except BaseException as failure:
            self.failure = failure

    def end(self) -> BaseException | None:
        self.thread.join(60)
        assert not self.thread.is_alive()
        return self.failure


def under_way(root: Path) -> bool:
    log = root / "endless.log"
    return log.exists() and b"under way" in log.read_bytes()


def test_stopping_a_build_removes_its_container(tmp_path: Path) -> None:
    build = Running(tmp_path, {}, base_image())
    assert len(owned_by(os.getpid())) == 1
    build.task.stop.set()
    assert isinstance(build.end(), StoppedError)
    assert owned_by(os.getpid()) == []
    assert list(tmp_path.glob("*.whl")) == []


def test_a_container_that_somebody_ends(tmp_path: Path) -> None:
    build = Running(tmp_path, {}, base_image())
    docker("kill", *owned_by(os.getpid()))
    failure = build.end()
    assert isinstance(failure, MachineError)
    assert failure.findings[0].code.id == "SLS0537"
    until(lambda: not owned_by(os.getpid()), "the daemon removes it")


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGINT])
def test_killing_slspack_ends_the_container(tmp_path: Path, kind: signal.Signals) -> None:
    own_backend(tmp_path / "source", "endless", _ENDLESS)
    command = [sys.executable, "-c", _SCRIPT, str(tmp_path), base_image()]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        until(lambda: under_way(tmp_path) or process.poll() is not None, "the build begins")
        assert len(owned_by(process.pid)) == 1
        process.send_signal(kind)
    until(lambda: not owned_by(process.pid), "the container ends with its maker")
    assert all(path.stat().st_uid == os.getuid() for path in tmp_path.rglob("*"))


def test_what_had_not_started_is_removed_by_the_next_run(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    host = os.uname().nodename
    now = int(time.time())
    labels = {"gone": f"{host} {process.pid} {now}", "other": f"elsewhere {process.pid} {now}", "old": "elsewhere 1 1"}
    made = {
        name: docker("create", "--label", f"{LABEL}={label}", base_image(), "true") for name, label in labels.items()
    }
    try:
        open_image_builder(ImageSettings(image=base_image()), tmp_path, {})
        left = docker("ps", "--all", "--quiet", "--no-trunc").split()
        assert made["gone"] not in left
        assert made["old"] not in left
        assert made["other"] in left, "a daemon may serve several machines"
    finally:
        docker("rm", "--force", made["other"])


def test_killing_the_daemon_ends_the_command_in_words(tmp_path: Path) -> None:
    source = own_backend(tmp_path / "source", "endless", _ENDLESS)
    files = {path.relative_to(source).as_posix(): path.read_text("utf-8") for path in source.rglob("*.*")}
    with package_index(tmp_path / "index") as index, own_daemon() as daemon:
        write_sdist(index.folder, "endless", "1.0", files)
        bench = Bench(tmp_path / "service", tmp_path / "store", index)
        image = daemon.load(base_image())
        bench.write(
            {
                "slspack.yml": (
                    "runtime: python3.13\nfunctions: {api: app.handler}\n"
                    f"builder: docker\ndocker: {{image: '{image}'}}\n"
                ),
                "requirements.txt": "endless==1.0\n",
                "app.py": "import endless\n\n\ndef handler(event, context):\n    return 1\n",
            }
        )
        command = [sys.executable, "-m", "slspack", "build", "-C", str(bench.root)]
        variables = bench.variables | {"PYTHONPATH": str(REPOSITORY), "DOCKER_HOST": daemon.address}
        with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as process:
            logs = bench.root / ".slspack" / "logs"
            until(
                lambda: any(b"under way" in log.read_bytes() for log in logs.glob("*")) or process.poll() is not None,
                "the build begins",
            )
            daemon.kill()
            said = process.communicate()[1]
        assert process.returncode == 3, said
        assert "error[SLS0530]" in said or "error[SLS0537]" in said
        assert "hint: " in said
        daemon.start()
        assert bench.slspack("build", DOCKER_HOST=NOWHERE).status == 3
        open_image_builder(ImageSettings(), tmp_path, {"DOCKER_HOST": daemon.address})
        until(lambda: not owned_by(process.pid, "--host", daemon.address), "nothing is left after the daemon's return")
    assert bench.slspack("cache verify").status == 0
    assert not bench.artifact("api").exists()
    assert all(path.lstat().st_uid == os.getuid() for path in tmp_path.rglob("*"))


def test_killing_the_daemon(tmp_path: Path) -> None:
    with own_daemon() as daemon:
        build = Running(tmp_path, {"DOCKER_HOST": daemon.address}, daemon.load(base_image()))
        daemon.kill()
        failure = build.end()
        assert isinstance(failure, MachineError)
        assert failure.findings[0].code.id in ("SLS0530", "SLS0537")
        daemon.start()
        open_image_builder(ImageSettings(), tmp_path, {"DOCKER_HOST": daemon.address})
        until(lambda: not owned_by(os.getpid(), "--host", daemon.address), "nothing is left after the daemon's return")
    assert list(tmp_path.glob("*.whl")) == []

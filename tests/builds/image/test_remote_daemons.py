"""The daemon of DOCKER_HOST, reached over TCP and over SSH: what is built there is the same, and nothing is mounted."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from slspack.builds.image import daemon_answers, open_image_builder
from slspack.model import ImageSettings
from tests.builds.image.support import task_for
from tests.builds.image.test_real_builds import answer_here, containers, target_of, unpacked
from tests.support.docker_host import base_image
from tests.support.native_sources import c_source
from tests.support.ssh_server import ssh_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.docker

_SOCKET = "/var/run/docker.sock"


class _Relay:
    """Hands the connections of a port of loopback on to the usual daemon's socket."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._serve)]
        self.address = f"tcp://127.0.0.1:{self._listening.getsockname()[1]}"
        self._threads[0].start()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(_SOCKET)
            self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                self._threads.append(threading.Thread(target=_pass_on, args=(source, sink)))
                self._threads[-1].start()

    def close(self) -> None:
        """End every connection."""
        for one in (self._listening, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for one in (self._listening, *self._open):
            one.close()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    """One direction of a connection; its end is passed on, too, and the other direction stays open."""
    with suppress(OSError):
        while chunk := source.recv(65536):
            sink.sendall(chunk)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def over_ssh(folder: Path) -> Iterator[dict[str, str]]:
    """A server on which `docker` runs, and the variables of a user whose `ssh` knows it."""
    folder.mkdir()
    with ssh_server(folder) as server:
        program = folder / "bin" / "ssh"
        program.parent.mkdir()
        options = server.client["GIT_SSH_COMMAND"].removeprefix("ssh ")
        program.write_text(f'#!/bin/sh\nexec /usr/bin/ssh {options} "$@"\n', "utf-8")
        program.chmod(0o755)
        path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
        yield {"DOCKER_HOST": server.address, "PATH": path, **server.agent}


def built_by(tmp_path: Path, variables: dict[str, str]) -> Path:
    """A wheel that the daemon of these variables made."""
    source = c_source(tmp_path / "source")
    assert daemon_answers(variables)
    builder = open_image_builder(ImageSettings(image=base_image()), tmp_path, variables)
    into = tmp_path / "built"
    into.mkdir()
    return builder.build(task_for(source, target_of("python3.13"), "cext"), into).path


def test_over_tcp(tmp_path: Path) -> None:
    with closing(_Relay()) as relay:
        wheel = built_by(tmp_path, {"DOCKER_HOST": relay.address})
    assert answer_here(unpacked(wheel), "3.13", "cext") == "42"
    assert containers() == []


def test_over_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with over_ssh(tmp_path / "ssh") as variables:
        for name in ("PATH", "SSH_AUTH_SOCK"):  # the SDK starts `ssh` with this process's own
            monkeypatch.setenv(name, variables[name])
        wheel = built_by(tmp_path, variables)
        assert answer_here(unpacked(wheel), "3.13", "cext") == "42"
        assert containers() == []

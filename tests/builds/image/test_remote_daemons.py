"""The daemon of DOCKER_HOST, reached over TCP, TLS and SSH: what is built there is the same, and nothing is mounted."""

from __future__ import annotations

import os
import select
import socket
import ssl
import threading
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from slspack.builds.image import daemon_answers, open_image_builder
from slspack.errors import SlspackError
from slspack.model import ImageSettings
from tests.builds.image.support import task_for
from tests.builds.image.test_real_builds import answer_here, target_of, unpacked
from tests.support.docker_host import base_image, containers
from tests.support.native_sources import c_source
from tests.support.ssh_server import ssh_server
from tests.support.tls import Authority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.docker

_SOCKET = "/var/run/docker.sock"


class _Relay:
    """Hands the connections of a port of loopback on to the usual daemon's socket, by TLS if it has a context."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
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
            if self._tls is not None:
                try:
                    near = self._tls.wrap_socket(near, server_side=True)
                except OSError:  # whom it does not know
                    near.close()
                    continue
            far = socket.socket(socket.AF_UNIX)
            far.connect(_SOCKET)
            self._open += [near, far]
            ways: list[tuple[Callable[..., None], tuple[socket.socket, ...]]]
            ways = [(_pass_on, (near, far)), (_pass_on, (far, near))]
            if isinstance(near, ssl.SSLSocket):
                ways = [(_pass_on_by_turns, (near, far))]
            for target, args in ways:
                self._threads.append(threading.Thread(target=target, args=args))
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


def _pass_on_by_turns(near: ssl.SSLSocket, far: socket.socket) -> None:
    """Both directions in one thread: an encrypted connection is not for two of them at a time."""
    with suppress(OSError):
        while True:
            ready = [near] if near.pending() else select.select([near, far], [], [])[0]
            for source, sink in ((near, far), (far, near)):
                if source in ready:
                    chunk = source.recv(65536)
                    if not chunk:
                        return _end(near, far)
                    sink.sendall(chunk)
    return _end(near, far)


def _end(*connections: socket.socket) -> None:
    for one in connections:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


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


def test_over_tcp_with_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The daemon shows a certificate of its own authority, not of the company's, and wants one of its clients."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(Authority(tmp_path / "company").bundle))
    authority = Authority(tmp_path / "authority")
    certificates = authority.docker_client(tmp_path / "certificates")
    with closing(_Relay(authority.server(asks_clients=True))) as relay:
        variables = {"DOCKER_HOST": relay.address, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(certificates)}
        wheel = built_by(tmp_path, variables)
        assert answer_here(unpacked(wheel), "3.13", "cext") == "42"
        assert containers() == []
        (certificates / "cert.pem").unlink()
        assert not daemon_answers(variables)
        with pytest.raises(SlspackError) as error:
            open_image_builder(ImageSettings(), tmp_path, variables)
    assert "no Docker daemon answers: `tcp://127.0.0.1:" in error.value.findings[0].message


def test_a_daemon_of_an_unknown_authority_is_refused(tmp_path: Path) -> None:
    known, unknown = Authority(tmp_path / "known"), Authority(tmp_path / "unknown")
    with closing(_Relay(unknown.server())) as relay:
        variables = {"DOCKER_HOST": relay.address, "DOCKER_TLS_VERIFY": "1"}
        variables["DOCKER_CERT_PATH"] = str(known.docker_client(tmp_path / "certificates"))
        with pytest.raises(SlspackError) as error:
            open_image_builder(ImageSettings(), tmp_path, variables)
    assert "certificate verify failed" in error.value.findings[0].message


def test_over_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with over_ssh(tmp_path / "ssh") as variables:
        for name in ("PATH", "SSH_AUTH_SOCK"):  # the SDK starts `ssh` with this process's own
            monkeypatch.setenv(name, variables[name])
        wheel = built_by(tmp_path, variables)
        assert answer_here(unpacked(wheel), "3.13", "cext") == "42"
        assert containers() == []

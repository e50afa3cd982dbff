"""A daemon behind SSH: the user's own `ssh` is what reaches it, and its words are what the user is told."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from slspack.builds.image import daemon_answers
from slspack.builds.image.daemon import open_daemon
from slspack.builds.image.daemon.tunnel import SshTunnel, ssh_command
from slspack.builds.image.endpoint import Endpoint
from slspack.errors import MachineError
from tests.support.fake_daemon import fake_daemon

_TO_A_SOCKET = """\
import os, socket, sys, threading
there = socket.socket(socket.AF_UNIX)
there.connect({place!r})
def inwards():
    while chunk := os.read(0, 65536):
        there.sendall(chunk)
    there.shutdown(socket.SHUT_WR)
threading.Thread(target=inwards, daemon=True).start()
while chunk := there.recv(65536):
    os.write(1, chunk)
"""


def put_ssh(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Make this the program `ssh`; what it is called with is in the file `called` beside it."""
    program = folder / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >>{folder}/called\n{script}\n', "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize(
    ("address", "arguments"),
    [
        ("ssh://build.example", ["--", "build.example", "docker system dial-stdio"]),
        (
            "ssh://ann@build.example:2222",
            ["-l", "ann", "-p", "2222", "--", "build.example", "docker system dial-stdio"],
        ),
        (
            "ssh://build.example/run/user/1000/docker.sock",
            ["--", "build.example", "docker --host unix:///run/user/1000/docker.sock system dial-stdio"],
        ),
        ("ssh://-oProxyCommand=x/a b", ["--", "-oproxycommand=x", "docker --host 'unix:///a b' system dial-stdio"]),
    ],
)
def test_the_program_is_told_what_the_address_says(address: str, arguments: list[str]) -> None:
    assert list(ssh_command(address))[2:] == arguments


def test_without_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError, match="is reached by the program `ssh`, which is not on PATH"):
        open_daemon(Endpoint("ssh://build.example", "DOCKER_HOST"))


def test_a_daemon_behind_it_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_daemon(tmp_path) as daemon:
        place = daemon.address.removeprefix("unix://")
        script = tmp_path / "pass_on.py"
        script.write_text(_TO_A_SOCKET.format(place=place), "utf-8")
        put_ssh(tmp_path, monkeypatch, f"exec {sys.executable} {script}")
        assert daemon_answers({"DOCKER_HOST": "ssh://ann@build.example"})
    assert (tmp_path / "called").read_text("utf-8").splitlines()[0] == (
        "-oConnectTimeout=30 -l ann -- build.example docker system dial-stdio"
    )


def test_what_it_says_is_what_the_user_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_ssh(tmp_path, monkeypatch, "echo 'ann@build.example: Permission denied (publickey).' >&2; exit 255")
    endpoint = Endpoint("ssh://ann@build.example", "DOCKER_HOST")
    with pytest.raises(MachineError) as failure:
        open_daemon(endpoint)
    (finding,) = failure.value.findings
    assert finding.code.id == "SLS0530"
    assert finding.message == (
        "no Docker daemon answers: `ssh://ann@build.example` (from DOCKER_HOST): "
        "ann@build.example: Permission denied (publickey)."
    )
    assert finding.hint == (
        "try `ssh ssh://ann@build.example docker version`: slspack connects in the same way, "
        "and is never asked for anything"
    )
    assert not daemon_answers({"DOCKER_HOST": endpoint.address})


def test_nothing_is_left_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_ssh(tmp_path, monkeypatch, "exec sleep 600")
    tunnel = SshTunnel("ssh://build.example")
    place = tunnel.address.removeprefix("unix://")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(place)
        tunnel.close()
        assert connection.recv(1) == b""
    assert not Path(place).parent.exists()

"""An SSH server with keys of its own, and an agent that has the key it accepts."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class SshServer:
    """Where it listens, and how it is reached."""

    host: str
    port: int
    agent: dict[str, str]
    """The variable by which the agent is found."""
    client: dict[str, str]
    """The variable with which `git` knows the server, and no key."""
    key: str
    """The private key that it accepts, as OpenSSH writes it. It lies in no file."""
    known_host: str
    """The server's line in `known_hosts`."""

    @property
    def address(self) -> str:
        """`ssh://user@HOST:PORT`."""
        return f"ssh://{getpass.getuser()}@{self.host}:{self.port}"


@contextmanager
def ssh_server(folder: Path, host: str = "127.0.0.1") -> Iterator[SshServer]:
    """Serve at an address of this machine until the block ends.

    Needs OpenSSH's server, which wants a folder of its own where root starts it.
    """
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    port = _free_port(host)
    config = folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress {host}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
        "StrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\n"
        "KbdInteractiveAuthentication no\n",
        "utf-8",
    )
    known = folder / "known_hosts"
    known_host = f"[{host}]:{port} {(folder / 'host.pub').read_text('utf-8')}"
    known.write_text(known_host, "utf-8")
    options = f"-F none -o IdentityFile=none -o UserKnownHostsFile={known} -o StrictHostKeyChecking=yes"
    Path("/run/sshd").mkdir(exist_ok=True)
    with _process(_program("sshd"), "-D", "-e", "-f", str(config)) as server, _agent(folder) as agent:
        _until_it_listens(host, port, server)
        subprocess.run(["ssh-add", "-q", folder / "user"], env=agent, check=True)
        key = (folder / "user").read_text("utf-8")
        (folder / "user").unlink()
        client = {"GIT_SSH_COMMAND": f"ssh {options} -o BatchMode=yes"}
        yield SshServer(host, port, agent, client, key, known_host)


@contextmanager
def _agent(folder: Path) -> Iterator[dict[str, str]]:
    place = folder / "agent.sock"
    with _process(_program("ssh-agent"), "-D", "-a", str(place)):
        for _ in range(200):
            if place.exists():
                break
            time.sleep(0.05)
        yield {"SSH_AUTH_SOCK": str(place)}


@contextmanager
def _process(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def _program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    assert found, f"{name} is needed: install OpenSSH's server and client"
    return found


def _free_port(host: str) -> int:
    with closing(socket.socket()) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _until_it_listens(host: str, port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert server.poll() is None, "sshd ended"
        with closing(socket.socket()) as probe:
            if probe.connect_ex((host, port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("sshd does not listen")

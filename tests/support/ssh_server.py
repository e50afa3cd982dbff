"""An SSH server on loopback with keys of its own, and an agent that alone has the key it accepts."""

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
    """Where it listens, and the variables with which `git` reaches it."""

    address: str
    """`ssh://user@127.0.0.1:PORT`."""
    agent: dict[str, str]
    client: dict[str, str]


@contextmanager
def ssh_server(folder: Path) -> Iterator[SshServer]:
    """Serve until the block ends. Needs OpenSSH's server, which wants a folder of its own where root starts it."""
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    port = _free_port()
    config = folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
        "StrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\n"
        "KbdInteractiveAuthentication no\n",
        "utf-8",
    )
    known = folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text('utf-8')}", "utf-8")
    options = f"-F none -o IdentityFile=none -o UserKnownHostsFile={known} -o StrictHostKeyChecking=yes"
    Path("/run/sshd").mkdir(exist_ok=True)
    with _process(_program("sshd"), "-D", "-e", "-f", str(config)) as server, _agent(folder) as agent:
        _until_it_listens(port, server)
        subprocess.run(["ssh-add", "-q", folder / "user"], env=agent, check=True)
        (folder / "user").unlink()
        yield SshServer(
            f"ssh://{getpass.getuser()}@127.0.0.1:{port}", agent, {"GIT_SSH_COMMAND": f"ssh {options} -o BatchMode=yes"}
        )


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


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_it_listens(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert server.poll() is None, "sshd ended"
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("sshd does not listen")

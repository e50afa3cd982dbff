"""What of the user's SSH a container gets, and what is told before a build that would fail without."""

from __future__ import annotations

import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from slspack.builds.image.archives import files_in
from slspack.builds.image.endpoint import Endpoint
from slspack.builds.image.ssh import ssh_access
from slspack.errors import MachineError
from slspack.model import ImageSettings

if TYPE_CHECKING:
    from pathlib import Path

HERE = Endpoint("unix:///var/run/docker.sock", "the usual socket")
ELSEWHERE = Endpoint("ssh://build.example", "DOCKER_HOST")
_PLAIN = b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"
_PASSPHRASE = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "known_hosts").write_text("git.example ssh-ed25519 AAAA\n", "utf-8")
    return tmp_path


def refused(settings: ImageSettings, home: Path, endpoint: Endpoint = HERE, **variables: str) -> str:
    with pytest.raises(MachineError) as failure:
        ssh_access(settings, {"HOME": str(home), **variables}, endpoint)
    (finding,) = failure.value.findings
    assert finding.code.id == "SLS0538"
    assert finding.hint
    return finding.message


def test_a_key_goes_in_for_root_only(home: Path) -> None:
    (home / ".ssh" / "id_ecdsa").write_bytes(_PLAIN)
    access = ssh_access(ImageSettings(ssh=True), {"HOME": str(home)}, ELSEWHERE)
    assert (access.binds, access.environment) == ((), ())
    with access.archive() as archive:
        stream = archive.finished()
        assert files_in(stream) == {
            "root/.ssh/known_hosts": b"git.example ssh-ed25519 AAAA\n",
            "root/.ssh/id_rsa": _PLAIN,
        }


def test_an_agent_keeps_the_key_here(home: Path) -> None:
    (home / ".ssh" / "id_rsa").write_bytes(_PLAIN)
    place = home / "agent.sock"
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(place))
        variables = {"HOME": str(home), "SSH_AUTH_SOCK": str(place)}
        access = ssh_access(ImageSettings(ssh=True), variables, HERE)
        assert [name for name, _ in access.files] == ["known_hosts"]
        assert access.binds == (f"{place}:/slspack-agent.sock",)
        assert access.environment == (("SSH_AUTH_SOCK", "/slspack-agent.sock"),)
        named = ssh_access(ImageSettings(ssh=True, private_key=str(home / ".ssh" / "id_rsa")), variables, HERE)
        assert [name for name, _ in named.files] == ["known_hosts", "id_rsa"]


def test_no_known_host(tmp_path: Path) -> None:
    assert refused(ImageSettings(ssh=True), tmp_path).startswith("no SSH host is known")


def test_neither_key_nor_agent(home: Path) -> None:
    message = refused(ImageSettings(ssh=True), home)
    assert message.startswith(
        "no agent is running (SSH_AUTH_SOCK is not set), and there is no private key (looked at: "
    )
    elsewhere = refused(ImageSettings(ssh=True), home, ELSEWHERE, SSH_AUTH_SOCK="/run/agent.sock")
    assert elsewhere.startswith("the daemon at `ssh://build.example` is not on this machine")
    assert refused(ImageSettings(ssh=True), home, SSH_AUTH_SOCK="/no/agent.sock") == (
        "SSH_AUTH_SOCK names no socket: `/no/agent.sock`"
    )


def test_a_named_key_that_is_not_there(home: Path) -> None:
    message = refused(ImageSettings(ssh=True, private_key="/no/key"), home)
    assert message == "the private key `/no/key` cannot be read"


def test_a_key_with_a_passphrase(home: Path) -> None:
    (home / ".ssh" / "id_rsa").write_bytes(_PASSPHRASE)
    assert "has a passphrase, which a container cannot ask for" in refused(ImageSettings(ssh=True), home)


@pytest.mark.parametrize("phrase", ["", "secret"])
def test_openssh_says_it_in_the_key_itself(home: Path, phrase: str) -> None:
    key = home / ".ssh" / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", phrase, "-f", key], check=True)
    if phrase:
        assert "has a passphrase" in refused(ImageSettings(ssh=True), home)
    else:
        assert len(ssh_access(ImageSettings(ssh=True), {"HOME": str(home)}, HERE).files) == 2

"""What a build that fetches for itself gets of the user's SSH: the agent where it can, else a key, and known hosts."""

from __future__ import annotations

import base64
import binascii
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.builds.image.archives import Archive
from slspack.codes import Code
from slspack.errors import MachineError
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.builds.image.endpoint import Endpoint
    from slspack.model import ImageSettings

_AGENT = "/slspack-agent.sock"
_HOME = "root/.ssh"
_DEFAULT_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa")
_OPENSSH = b"openssh-key-v1\0"


@dataclass(frozen=True, slots=True)
class SshAccess:
    """Files for the container's root, the agent's socket, and variables."""

    files: tuple[tuple[str, bytes], ...] = ()
    binds: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()

    def archive(self) -> Archive:
        """The files, readable for root only."""
        archive = Archive()
        archive.add_folder(_HOME, 0o700)
        for name, content in self.files:
            archive.add_bytes(f"{_HOME}/{name}", content, 0o600)
        return archive


def ssh_access(settings: ImageSettings, environment: Mapping[str, str], endpoint: Endpoint) -> SshAccess:
    """What of the user's SSH goes into a container.

    The agent's socket is the one thing that is bound and not copied, so only a daemon on this machine gets it.

    Raises MachineError where there is no key and no agent, or no known host.
    """
    home = Path(environment.get("HOME") or Path.home()) / ".ssh"
    files = [("known_hosts", _known_hosts(home))]
    agent = _agent(environment, endpoint) if settings.private_key is None else None
    if agent is None:
        files.append(("id_rsa", _private_key(settings, home, environment, endpoint)))
        return SshAccess(tuple(files))
    return SshAccess(tuple(files), (f"{agent}:{_AGENT}",), (("SSH_AUTH_SOCK", _AGENT),))


def _known_hosts(home: Path) -> bytes:
    try:
        content = (home / "known_hosts").read_bytes()
    except OSError:
        content = b""
    if not content.strip():
        message = f"no SSH host is known (`{home / 'known_hosts'}`), so a build could not tell whom it fetches from"
        hint = "connect once by hand (`ssh -T git@HOST`), or `ssh-keyscan HOST >> ~/.ssh/known_hosts` and compare"
        raise MachineError.of(Code.SSH_NOT_READY, message, hint=hint)
    return content


def _agent(environment: Mapping[str, str], endpoint: Endpoint) -> str | None:
    """The socket to bind, as the daemon sees it; None where there is no agent or the daemon is elsewhere."""
    written = environment.get("SSH_AUTH_SOCK")
    if not written or endpoint.socket is None:
        return None
    if sys.platform == "darwin":
        return "/run/host-services/ssh-auth.sock"  # Docker Desktop's way to the agent, outside its virtual machine
    if not Path(written).is_socket():
        message = f"SSH_AUTH_SOCK names no socket: `{written}`"
        raise MachineError.of(Code.SSH_NOT_READY, message, hint="start an agent: `eval $(ssh-agent)`, `ssh-add`")
    return written


def _private_key(settings: ImageSettings, home: Path, environment: Mapping[str, str], endpoint: Endpoint) -> bytes:
    places = [Path(settings.private_key)] if settings.private_key else [home / name for name in _DEFAULT_KEYS]
    for place in places:
        try:
            content = place.read_bytes()
        except OSError:
            continue
        if _is_encrypted(content):
            message = f"the private key `{place}` has a passphrase, which a container cannot ask for"
            hint = "load it into an agent (`ssh-add`) and leave `privateKey` out, or name a key without a passphrase"
            raise MachineError.of(Code.SSH_NOT_READY, message, hint=hint)
        return content
    looked = ", ".join(f"`{place}`" for place in places)
    agent = "no agent is running (SSH_AUTH_SOCK is not set)"
    if environment.get("SSH_AUTH_SOCK"):
        agent = f"the daemon at `{endpoint.address}` is not on this machine, so it cannot reach the agent"
    if settings.private_key:
        message, hint = f"the private key {looked} cannot be read", "name another by an absolute path"
    else:
        message = f"{agent}, and there is no private key (looked at: {looked})"
        hint = "start an agent and `ssh-add`, or name a key by `privateKey`"
    raise MachineError.of(Code.SSH_NOT_READY, message, hint=hint)


def _is_encrypted(key: bytes) -> bool:
    """By PEM's header, or by the cipher's name in OpenSSH's own format."""
    if b"ENCRYPTED" in key:
        return True
    body = b"".join(line for line in key.splitlines() if line and not line.startswith(b"-"))
    try:
        decoded = base64.b64decode(body, validate=True)
    except binascii.Error:
        return False
    if not decoded.startswith(_OPENSSH):
        return False
    length = int.from_bytes(decoded[len(_OPENSSH) : len(_OPENSSH) + 4], "big")
    start = len(_OPENSSH) + 4
    return decoded[start : start + length] != b"none"

"""Connections to a daemon, by the Docker SDK. What it raises comes out as MachineError."""

from __future__ import annotations

import socket
import threading
import weakref
from contextlib import closing, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from slspack.builds.image.daemon.tunnel import SshTunnel
from slspack.builds.image.failures import explained

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import docker

    from slspack.builds.image.endpoint import Endpoint

PATIENCE = 120
"""How long an answer may take. Pulling, building and running have no limit."""
_PING_SECONDS = 3.0


class Connection:
    """What the calls of a daemon share. Safe to use from several threads: each has a client of its own."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._threads = threading.local()
        self._clients: list[docker.APIClient] = []
        self._tunnel = _tunnel(endpoint)
        weakref.finalize(self, _close_all, self._clients, self._tunnel)

    def ping(self) -> None:
        """Raises MachineError where the daemon does not answer."""
        with self.told() as api:
            api.ping()

    def architecture(self) -> str:
        """The daemon's own, as Docker spells it: `amd64`, `arm64`."""
        with self.told() as api:
            return str(api.version()["Arch"])

    @contextmanager
    def told(self) -> Iterator[docker.APIClient]:
        """A client of this thread's own. What it raises in the block comes out as MachineError."""
        with explained(self.endpoint, self._tunnel.said if self._tunnel else _nothing):
            _knock(self.endpoint)
            client: docker.APIClient | None = getattr(self._threads, "client", None)
            if client is None:
                client = self._threads.client = _connect(self.endpoint, self._tunnel)
                self._clients.append(client)
            yield client


def sdk_installed() -> bool:
    """Whether the `docker` extra is here."""
    found = find_spec("docker")
    return found is not None and found.origin is not None  # a folder `docker/` here is found too, and has no origin


def socket_answers(place: str) -> bool:
    """Whether a daemon listens at a socket of this machine. The SDK is not loaded for it."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_PING_SECONDS)
        try:
            connection.connect(place)
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
            return connection.recv(64).partition(b"\r\n")[0].endswith(b" 200 OK")
        except OSError:
            return False


def _knock(endpoint: Endpoint) -> None:
    """Raises OSError where nobody listens at a socket of this machine: the SDK would leave the connection open."""
    if endpoint.socket is not None and hasattr(socket, "AF_UNIX"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(endpoint.socket))


def _tunnel(endpoint: Endpoint) -> SshTunnel | None:
    """Windows has no sockets that a program could have as its input: there the SDK goes its own way."""
    return SshTunnel(endpoint.address) if endpoint.by_ssh and hasattr(socket, "AF_UNIX") else None


def _nothing() -> str:
    return ""


def _close_all(clients: Sequence[docker.APIClient], tunnel: SshTunnel | None) -> None:
    for client in clients:
        client.close()
    if tunnel is not None:
        tunnel.close()


def _connect(endpoint: Endpoint, tunnel: SshTunnel | None) -> docker.APIClient:
    import docker
    import docker.constants
    import docker.tls
    import docker.utils
    import requests.utils

    tls: docker.tls.TLSConfig | bool = False
    folder = endpoint.certificates
    if folder is not None:
        pair = (str(folder / "cert.pem"), str(folder / "key.pem"))
        authority = folder / "ca.pem"
        tls = docker.tls.TLSConfig(
            client_cert=pair if (folder / "cert.pem").exists() else None,
            ca_cert=str(authority) if authority.exists() else None,
            verify=endpoint.verify,
        )

    def client(version: str) -> docker.APIClient:
        made = docker.APIClient(
            base_url=tunnel.address if tunnel else endpoint.address,
            version=version,
            timeout=PATIENCE,
            tls=tls,
            use_ssh_client=endpoint.by_ssh,
        )
        if tls:  # else REQUESTS_CA_BUNDLE would count before the daemon's own authority
            made.trust_env = False
            made.proxies = requests.utils.get_environ_proxies(made.base_url)
        return made

    # The SDK can find the version by itself, but leaves the connection open where it does not like what it finds.
    with closing(client(docker.constants.MINIMUM_DOCKER_API_VERSION)) as asking:
        spoken = str(asking.version(api_version=False)["ApiVersion"])
    newest = docker.constants.DEFAULT_DOCKER_API_VERSION
    return client(newest if docker.utils.version_gte(spoken, newest) else spoken)

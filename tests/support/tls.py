"""A company's certificate authority: servers that it vouches for, and what its clients have to show."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from pathlib import Path


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._authority = trustme.CA()
        self.bundle = folder / "authority.pem"
        """What a client has to trust."""
        self._authority.cert_pem.write_to_path(self.bundle)
        self.client = folder / "client.pem"
        """A certificate that it has issued to a client, with the key."""
        self._authority.issue_cert("ann@shop.example").private_key_and_cert_chain_pem.write_to_path(self.client)

    def docker_client(self, folder: Path) -> Path:
        """A folder with the files that DOCKER_CERT_PATH is to have."""
        folder.mkdir()
        issued = self._authority.issue_cert("ann@shop.example")
        self._authority.cert_pem.write_to_path(folder / "ca.pem")
        issued.private_key_pem.write_to_path(folder / "key.pem")
        for blob in issued.cert_chain_pems:
            blob.write_to_path(folder / "cert.pem", append=True)
        return folder

    def server(self, *names: str, asks_clients: bool = False) -> ssl.SSLContext:
        """What a server of these names, and of loopback, needs; perhaps it lets in known clients alone."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert("127.0.0.1", "localhost", *names).configure_cert(context)
        if asks_clients:
            self._authority.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
            # So that who is turned away learns it while shaking hands.
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        return context

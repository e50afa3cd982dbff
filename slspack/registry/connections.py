"""Connections that share what takes longest to make: the certificate authorities, read once and not for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests.adapters import HTTPAdapter

from slspack.registry.authorities import trusting

if TYPE_CHECKING:
    from requests import PreparedRequest
    from requests.adapters import _HostParams, _PoolKwargs
    from urllib3 import HTTPConnectionPool

    # A client's certificate: one file, or that and its key.
    _Certificate = str | tuple[str, str] | None
    # A bundle or a folder of authorities; True for requests' own bundle, False where nothing is verified.
    _Authorities = bool | str


class SharingAdapter(HTTPAdapter):
    """requests' own way to servers. Whatever has a client certificate, or is not verified, it leaves to requests."""

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: _Authorities, cert: _Certificate = None
    ) -> tuple[_HostParams, _PoolKwargs]:
        """What tells a pool of connections from others: the shared authorities in place of where they lie."""
        host, tls = super().build_connection_pool_key_attributes(request, verify, cert)
        if _shares(request.url or "", verify, cert):
            tls.pop("ca_certs", None)
            tls.pop("ca_cert_dir", None)
            tls["ssl_context"] = trusting(verify)
        return host, tls

    def cert_verify(self, conn: HTTPConnectionPool, url: str, verify: _Authorities, cert: _Certificate) -> None:
        """Tell a pool whom to trust, unless what it shares says so."""
        if not _shares(url, verify, cert):
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]


def _shares(url: str, verify: _Authorities, cert: _Certificate) -> bool:
    return bool(verify) and cert is None and url.lower().startswith("https:")

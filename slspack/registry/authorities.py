"""Certificate authorities, read once a process: it takes 20 ms, for which no other thread has to wait."""

from __future__ import annotations

import ssl
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock

_READING = Lock()


def trusting(authorities: str | None) -> ssl.SSLContext:
    """A context that trusts the certificates of a bundle or a folder; of certifi's bundle, if none is named.

    Raises OSError where they cannot be read.
    """
    with _READING:  # all the first connections ask at once
        return _read(authorities)


def read_ahead(authorities: str | None) -> None:
    """Read them for who will ask. What is wrong with them, the asker is told."""
    with suppress(OSError):
        trusting(authorities)


def presenting(certificate: str, authorities: str | None) -> ssl.SSLContext:
    """As `trusting`, and the client shows a certificate, whose key is in the same file."""
    context = _made(authorities)
    context.load_cert_chain(certificate)
    return context


def trusting_anybody(certificate: str | None) -> ssl.SSLContext:
    """A context in which nobody's certificate is verified, as the user said."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if certificate is not None:
        context.load_cert_chain(certificate)
    return context


@cache
def _read(authorities: str | None) -> ssl.SSLContext:
    return _made(authorities)


def _made(authorities: str | None) -> ssl.SSLContext:
    if authorities is None:
        import certifi

        authorities = certifi.where()
    if Path(authorities).is_dir():
        return ssl.create_default_context(capath=authorities)
    return ssl.create_default_context(cafile=authorities)

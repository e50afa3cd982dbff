"""Requests to servers: connections that are kept and shared, and answers that are read as they come."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from slspack.registry.credentials import split_credentials
from slspack.registry.failures import Interrupted, Unreachable, reason_of
from slspack.registry.libraries import load_urllib3
from slspack.registry.ways import manager_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from urllib3 import BaseHTTPResponse, PoolManager

    from slspack.registry.ways import Way

_RETRIED = frozenset({429, 500, 502, 503, 504, 520, 522, 524, 527})


class Incoming:
    """An answer whose body is not read yet. Statuses are the caller's to judge."""

    def __init__(self, url: str, response: BaseHTTPResponse, timeout: float) -> None:
        self.url = url
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._timeout = timeout

    @property
    def redirect(self) -> str | None:
        """Where to ask instead."""
        location = self._response.get_redirect_location()
        return split_credentials(urljoin(self.url, location))[0] if location else None

    def body(self) -> bytes:
        """All of it. Raises Interrupted."""
        import urllib3

        try:
            # At once: some pages have 7 MB.
            return self._response.read(decode_content=True)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Interrupted(reason_of(error, self._timeout)) from None

    def chunks(self, size: int) -> Iterator[bytes]:
        """Its pieces of at most so many bytes. Raises Interrupted."""
        import urllib3

        pieces = self._response.stream(size, decode_content=True)
        while True:
            # What goes wrong where the pieces are used is no interruption.
            try:
                piece = next(pieces, None)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise Interrupted(reason_of(error, self._timeout)) from None
            if piece is None:
                return
            yield piece

    def drain(self) -> None:
        """Read what nobody wants, which is short, so that its connection serves the next request."""
        self._response.drain_conn()
        self.close()

    def close(self) -> None:
        """Give the connection back; one with an answer that was not read to its end cannot be used again."""
        if not self._response.closed:
            self._response.close()
        self._response.release_conn()


class Transport:
    """Asks servers. Usable by many threads at once."""

    def __init__(self, *, timeout: float, retries: int, connections: int) -> None:
        """With the seconds to wait for an answer, how often to ask again, and how many requests are under way."""
        self._timeout = timeout
        self._retries = retries
        self._connections = connections
        self._managers: dict[Way, PoolManager] = {}
        self._lock = Lock()

    def get(self, url: str, headers: Mapping[str, str], way: Way) -> Incoming:
        """The answer of `url` itself, which may be a redirect. Raises Unreachable."""
        load_urllib3()
        import urllib3

        retry = urllib3.Retry(
            total=self._retries, backoff_factor=0.25, status_forcelist=_RETRIED, raise_on_status=False
        )
        try:
            response = self._manager(way).urlopen(
                "GET",
                url,
                redirect=False,
                headers=headers,
                retries=retry,
                timeout=urllib3.Timeout(connect=self._timeout, read=self._timeout),
                preload_content=False,
                decode_content=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            # Never the library's own text: it may quote a proxy's address with its password.
            raise Unreachable(reason_of(error, self._timeout)) from None
        return Incoming(url, response, self._timeout)

    def _manager(self, way: Way) -> PoolManager:
        with self._lock:
            manager = self._managers.get(way)
            if manager is None:
                manager = self._managers[way] = manager_for(way, self._connections)
            return manager

"""HTTP as pip does it: the same logins, proxies, certificates and redirects."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slspack import __version__
from slspack.frozen import dataclass
from slspack.registry.credentials import may_take_login, same_origin
from slspack.registry.failures import Interrupted, Unreachable
from slspack.registry.keyring import keyring_login
from slspack.registry.libraries import load_urllib3
from slspack.registry.netrc_file import netrc_login
from slspack.registry.proxies import proxy_for
from slspack.registry.transport import Transport
from slspack.registry.ways import Trust, Way

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.registry.configuration import IndexConfiguration
    from slspack.registry.credentials import Access, Credentials, Login
    from slspack.registry.transport import Incoming

WORKERS = 16
"""How many requests are under way at a time."""

_REDIRECTS = 30
"""How many redirects are followed, as pip does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `url` is where it came from in the end."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """What kind of answer it is."""
        return self.headers.get("Content-Type", "")


class RegistrySession:
    """Requests to indexes and to where files lie. Usable by many threads at once.

    Credentials are added here, to the addresses that they were given for, and go no further: a redirect to another host
    loses them. Where none are known, the user's netrc is looked into.
    """

    def __init__(self, configuration: IndexConfiguration) -> None:
        self.configuration = configuration
        self._credentials = configuration.credentials
        self._looked_up: dict[str, Login | None] = {}
        self._lock = threading.Lock()
        self._transport = Transport(timeout=configuration.timeout, retries=configuration.retries, connections=WORKERS)

    def learn(self, url: str, login: Login) -> None:
        """Remember a login that came with an address on an index's page."""
        with self._lock:
            self._credentials = self._credentials.joined([(url, login)])

    def learn_all(self, credentials: Credentials) -> None:
        """Remember what a project's own files say of how its indexes are reached."""
        with self._lock:
            self._credentials = self._credentials.joined(credentials.logins, credentials.accesses)

    def user_for(self, url: str) -> str:
        """Who is known to ask there; empty for nobody in particular."""
        try:
            login = self._credentials.for_url(url)
        except ValueError:
            return ""
        return login.user if login else ""

    def get_ready(self) -> None:
        """Load the library that the first request needs, and whom to trust beside it: for a thread of its own."""
        from slspack.registry.authorities import read_ahead

        known = self.configuration.certificates
        threading.Thread(target=read_ahead, args=(known,), name="authorities", daemon=True).start()
        load_urllib3()

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """A whole answer, asked for again where it was cut short. Raises Unreachable."""
        for attempt in range(self.configuration.retries + 1):
            try:
                with self.stream(url, headers) as incoming:
                    return Answer(incoming.status, incoming.url, incoming.headers, incoming.body())
            except Interrupted:
                if attempt == self.configuration.retries:
                    raise
        raise AssertionError("the loop returns or raises")

    @contextmanager
    def stream(self, url: str, headers: Mapping[str, str]) -> Iterator[Incoming]:
        """An answer whose body is not read yet. Raises Unreachable; statuses are the caller's to judge."""
        login = self._login(url)
        incoming = self._follow(url, headers, login)
        if incoming.status == HTTPStatus.UNAUTHORIZED and same_origin(url, incoming.url):
            found = self._from_keyring(url, login)
            if found is not None:
                incoming.drain()
                incoming = self._follow(url, headers, found)
        try:
            yield incoming
        finally:
            incoming.close()

    def _login(self, url: str) -> Login | None:
        try:
            return self._credentials.for_url(url)
        except ValueError:
            raise Unreachable("its address is not valid") from None

    def _follow(self, url: str, headers: Mapping[str, str], login: Login | None) -> Incoming:
        """The answer where redirects end."""
        access, place = self._credentials.access_to(url), url
        for _ in range(_REDIRECTS):
            incoming = self._ask(place, headers, login, access)
            try:
                target = incoming.redirect
                goes_along = target is not None and may_take_login(place, target)
            except ValueError:
                incoming.close()
                raise Unreachable("it redirects to what is no address") from None
            if target is None:
                return incoming
            incoming.drain()
            place, login = target, login if goes_along else None
        raise Unreachable("it redirects in a circle")

    def _ask(self, url: str, headers: Mapping[str, str], login: Login | None, access: Access) -> Incoming:
        sent = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", **headers, "User-Agent": f"slspack/{__version__}"}
        parts, configuration = urlsplit(url), self.configuration
        login = login or netrc_login(parts.hostname or "")
        if login is not None:
            sent["Authorization"] = login.basic
        is_trusted = bool({parts.hostname, parts.netloc} & set(configuration.trusted_hosts))
        trust = Trust(
            access.authorities or configuration.certificates,
            access.is_verified and not is_trusted,
            access.client_certificate or configuration.client_certificate,
        )
        return self._transport.get(url, sent, Way(trust, proxy_for(url, configuration.proxy)))

    def _from_keyring(self, url: str, login: Login | None) -> Login | None:
        if login is not None and login.password:
            return None
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        configured = (self.configuration.index_url, *self.configuration.extra_index_urls)
        addresses = [*(address for address in configured if address and same_origin(address, url)), origin]
        with self._lock:
            if origin not in self._looked_up:
                user = login.user if login else None
                named = self._credentials.access_to(url).keyring_name
                services = [named, *addresses] if named and user else addresses
                self._looked_up[origin] = keyring_login(services, user, self.configuration.keyring)
            found = self._looked_up[origin]
            if found is not None:
                self._credentials = self._credentials.joined((address, found) for address in addresses)
        return found

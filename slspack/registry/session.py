"""HTTP as pip does it: the same library, so the same proxies, netrc, certificates and redirects."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slspack import __version__
from slspack.frozen import dataclass
from slspack.registry.keyring import keyring_login
from slspack.registry.libraries import load_requests, load_urllib3

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from requests import Response, Session

    from slspack.registry.configuration import IndexConfiguration
    from slspack.registry.credentials import Credentials, Login

WORKERS = 16
"""How many requests are under way at a time."""

_RETRIED = frozenset({429, 500, 502, 503, 504, 520, 522, 524, 527})


class Unreachable(Exception):  # noqa: N818 (it says what is so)
    """No whole answer came. The text is a plain reason, without an address, for the caller's message."""


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
    loses them. Proxies and netrc are taken from the process's environment, by requests itself.
    """

    def __init__(self, configuration: IndexConfiguration) -> None:
        self.configuration = configuration
        self._credentials = configuration.credentials
        self._looked_up: dict[str, Login | None] = {}
        self._lock = threading.Lock()

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
        """Load the libraries that the first request needs, and whom to trust beside them: for a thread of its own."""
        from slspack.registry.authorities import read_ahead

        load_urllib3()
        known = self.configuration.certificates or True
        threading.Thread(target=read_ahead, args=(known,), name="authorities", daemon=True).start()
        _ = self._session

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """A whole answer, asked for again where it was cut short. Raises Unreachable."""
        for attempt in range(self.configuration.retries + 1):
            try:
                with self.stream(url, headers) as response, self.reading():
                    # At once: `content` puts it together from pieces of 10 kB, and some pages have 7 MB.
                    body: bytes = response.raw.read(decode_content=True)
                    return Answer(response.status_code, response.url, response.headers, body)
            except Interrupted:
                if attempt == self.configuration.retries:
                    raise
        raise AssertionError("the loop returns or raises")

    @contextmanager
    def stream(self, url: str, headers: Mapping[str, str]) -> Iterator[Response]:
        """An answer whose body is not read yet. Raises Unreachable; statuses are the caller's to judge."""
        try:
            login = self._credentials.for_url(url)
        except ValueError:
            raise Unreachable("its address is not valid") from None
        response = self._send(url, headers, login)
        if response.status_code == 401 and _same_origin(url, response.url):
            found = self._from_keyring(url, login)
            if found is not None:
                response.close()
                response = self._send(url, headers, found)
        with response:
            yield response

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Turn what goes wrong while a body is read into Interrupted."""
        load_requests()
        import requests
        import urllib3

        try:
            yield
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise Interrupted(_reason(error, self.configuration.timeout)) from None

    def _send(self, url: str, headers: Mapping[str, str], login: Login | None) -> Response:
        load_requests()
        import requests
        import urllib3
        from requests.auth import HTTPBasicAuth

        timeout = self.configuration.timeout
        try:
            return self._session.get(
                url,
                headers=dict(headers),
                # With None, requests itself looks into netrc.
                auth=HTTPBasicAuth(login.user.encode(), login.password.encode()) if login else None,
                stream=True,
                timeout=timeout,
                verify=self._verify(url),
                cert=self._credentials.access_to(url).client_certificate or self.configuration.client_certificate,
                proxies=self._proxies,
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            # Never the library's own text: it may quote a proxy's address with its password.
            raise Unreachable(_reason(error, timeout)) from None

    def _verify(self, url: str) -> str | bool:
        parts = urlsplit(url)
        if {parts.hostname, parts.netloc} & set(self.configuration.trusted_hosts):
            return False
        access = self._credentials.access_to(url)
        return access.is_verified and (access.authorities or self.configuration.certificates or True)

    def _from_keyring(self, url: str, login: Login | None) -> Login | None:
        if login is not None and login.password:
            return None
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        configured = (self.configuration.index_url, *self.configuration.extra_index_urls)
        addresses = [*(address for address in configured if address and _same_origin(address, url)), origin]
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

    @property
    def _proxies(self) -> dict[str, str] | None:
        proxy = self.configuration.proxy
        return {"http": proxy.reveal(), "https": proxy.reveal()} if proxy else None

    @cached_property
    def _session(self) -> Session:
        load_requests()
        from http.cookiejar import DefaultCookiePolicy

        import requests
        import urllib3

        from slspack.registry.connections import SharingAdapter

        retry = urllib3.Retry(
            total=self.configuration.retries,
            backoff_factor=0.25,
            status_forcelist=_RETRIED,
            raise_on_status=False,
        )
        session = requests.Session()
        # Threads share the session: nothing in it may change.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = SharingAdapter(pool_connections=WORKERS, pool_maxsize=2 * WORKERS, max_retries=retry)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        session.headers["User-Agent"] = f"slspack/{__version__}"
        # Whose certificate is not verified is what the user says.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        return session


class Interrupted(Unreachable):
    """An answer began but did not end as announced."""


def _same_origin(one: str, other: str) -> bool:
    left, right = urlsplit(one), urlsplit(other)
    return (left.scheme, left.hostname, left.port) == (right.scheme, right.hostname, right.port)


def _reason(error: BaseException, timeout: float) -> str:
    import requests
    import urllib3

    causes = list(_causes(error))
    kinds: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
        (urllib3.exceptions.NameResolutionError, "its host name cannot be resolved"),
        ((requests.exceptions.ProxyError, urllib3.exceptions.ProxyError), "the proxy cannot be reached"),
        (requests.exceptions.InvalidProxyURL, "the proxy's address is not valid"),
        (requests.exceptions.SSLError, "its certificate cannot be verified"),
        (ConnectionRefusedError, "the connection was refused"),
        ((requests.exceptions.Timeout, urllib3.exceptions.TimeoutError), f"there was no answer within {timeout:g} s"),
        (requests.exceptions.TooManyRedirects, "it redirects in a circle"),
        ((requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema), "its address is not valid"),
        ((requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError), "the connection broke off"),
    )
    for kind, text in kinds:
        if any(isinstance(cause, kind) for cause in causes):
            return text
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "the connection failed"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]

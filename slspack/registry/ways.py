"""Ways to servers: through a proxy or not, and whom to trust. What goes the same way shares its connections."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slspack.frozen import dataclass
from slspack.registry.credentials import split_credentials
from slspack.registry.failures import Unreachable

if TYPE_CHECKING:
    from ssl import SSLContext

    from urllib3 import PoolManager

    from slspack.registry.credentials import Login, Secret

_PROXIES = frozenset({"http", "https", "socks4", "socks4a", "socks5", "socks5h"})


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a client believes, and what it shows of itself."""

    authorities: str | None = None
    """A bundle or a folder of them; None for certifi's bundle."""
    is_verified: bool = True
    certificate: str | None = None
    """A file with the client's own and its key."""

    def context(self) -> SSLContext:
        """What connections are made with. Raises Unreachable where a file cannot be read."""
        from slspack.registry.authorities import presenting, trusting, trusting_anybody

        try:
            if not self.is_verified:
                return trusting_anybody(self.certificate)
            if self.certificate is not None:
                return presenting(self.certificate, self.authorities)
            return trusting(self.authorities)
        except OSError as error:
            files = " or ".join(f"`{name}`" for name in (self.authorities, self.certificate) if name)
            raise Unreachable(f"the certificates in {files} cannot be read: {error.strerror or error}") from None


@dataclass(frozen=True, slots=True)
class Way:
    """How a server is reached."""

    trust: Trust
    proxy: Secret | None = None


def manager_for(way: Way, connections: int) -> PoolManager:
    """The library's keeper of connections, for so many requests at a time. Raises Unreachable."""
    import urllib3

    if not way.trust.is_verified:
        # The user says so, and need not be told with every request.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    context = way.trust.context()
    if way.proxy is None:
        return urllib3.PoolManager(connections, maxsize=2 * connections, ssl_context=context)
    kind, address, login = _split(way.proxy)
    if kind not in ("http", "https"):
        return _through_socks(address, login, connections, context)
    return urllib3.ProxyManager(
        address,
        connections,
        maxsize=2 * connections,
        proxy_headers={"Proxy-Authorization": login.basic} if login is not None else None,
        proxy_ssl_context=Trust(way.trust.authorities, way.trust.is_verified).context() if kind == "https" else None,
        ssl_context=context,
    )


def _split(proxy: Secret) -> tuple[str, str, Login | None]:
    with suppress(ValueError):
        address, login = split_credentials(proxy.reveal())
        parts = urlsplit(address)
        if parts.scheme in _PROXIES and parts.hostname and parts.port != 0:
            return parts.scheme, address, login
    raise Unreachable("the proxy's address is not valid")


def _through_socks(address: str, login: Login | None, connections: int, context: SSLContext) -> PoolManager:
    try:
        from urllib3.contrib.socks import SOCKSProxyManager
    except ImportError:
        raise Unreachable("the proxy is a SOCKS proxy, which needs PySocks: `pip install PySocks`") from None
    user, password = (login.user, login.password) if login is not None else (None, None)
    return SOCKSProxyManager(address, user, password, connections, maxsize=2 * connections, ssl_context=context)

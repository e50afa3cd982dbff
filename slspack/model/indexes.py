"""What a service says of package indexes, on top of pip's and uv's own settings."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.model.names import DistName


@dataclass(frozen=True, slots=True)
class IndexLogin:
    """The user name and password that stood in an address; `address` is without them."""

    address: str
    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BoundName:
    """A distribution that may come from one index only, by its address or by the name of one of the project's."""

    name: DistName
    index: str


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Indexes and what of them counts. No address holds a login; those are kept apart, and never written anywhere."""

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    """Addresses, and folders relative to the service."""
    trusted_hosts: tuple[str, ...] = ()
    no_index: bool = False
    prereleases: bool = False
    bound: tuple[BoundName, ...] = ()
    no_binary: tuple[str, ...] = ()
    """Distributions whose wheels do not count; `:all:` for every one."""
    exclude_newer: str | None = None
    """The moment (RFC 3339, in UTC) after which what was uploaded does not count."""
    logins: tuple[IndexLogin, ...] = field(default=(), repr=False, compare=False)
    forgotten: bool = field(default=False, compare=False)
    """Whether there were logins, which are not kept from one run to the next."""

    def __reduce__(self) -> tuple[object, ...]:
        kept = replace(self, logins=(), forgotten=bool(self.logins) or self.forgotten)
        return type(self), tuple(getattr(kept, name) for name in self.__slots__)


def split_address(text: str) -> tuple[str, IndexLogin | None]:
    """An address without its login, and that. Raises ValueError for what is no address."""
    parts = urlsplit(text)
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return text, None
    user, _, password = userinfo.partition(":")
    clean = urlunsplit(parts._replace(netloc=host))
    return clean, IndexLogin(clean, unquote(user), unquote(password))

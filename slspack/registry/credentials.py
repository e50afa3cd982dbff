"""User names and passwords, kept apart from the addresses that they came in, and never shown."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

Found = TypeVar("Found")

_USERINFO = re.compile(r"\b([a-z][a-z0-9+.-]*://)[^\s/@]+@", re.IGNORECASE)


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """A user name and a password. Neither `repr` nor `str` shows any of it; a user name may be a token, too."""

    user: str
    password: str

    @property
    def basic(self) -> str:
        """What a header says of it (RFC 7617)."""
        return f"Basic {b64encode(f'{self.user}:{self.password}'.encode()).decode()}"

    def __repr__(self) -> str:
        return "Login(****)"


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A text that may hold a password, such as a proxy's address. Only `reveal` gives it."""

    _text: str

    def reveal(self) -> str:
        """The text itself, for the one call that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(****)"


@dataclass(frozen=True, slots=True)
class Access:
    """How one index is reached, as far as that differs from the others."""

    authorities: str | None = None
    """A bundle of certificate authorities; None for those that count everywhere."""
    is_verified: bool = True
    client_certificate: str | None = None
    keyring_name: str | None = None
    """What the keyring has its password under, besides its address."""

    @property
    def has_certificates(self) -> bool:
        """Whether more than the login is its own."""
        return bool(self.authorities or self.client_certificate or not self.is_verified)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Logins, and what else it takes to be let in, by the address that each was given for."""

    logins: tuple[tuple[str, Login], ...] = ()
    accesses: tuple[tuple[str, Access], ...] = ()

    def for_url(self, url: str) -> Login | None:
        """The login for `url`: of those for the same scheme, host and port, the one with the longest path in common.

        A file is often served beside the index's pages, so that an equal origin is enough (pip's rule).
        """
        return _closest(url, self.logins)

    def access_to(self, url: str) -> Access:
        """How `url` is reached, by the same rule."""
        return _closest(url, self.accesses) or Access()

    def joined(
        self, others: Iterable[tuple[str, Login]] = (), accesses: Iterable[tuple[str, Access]] = ()
    ) -> Credentials:
        """These and `others`; of two for one address, the other."""
        return Credentials(
            tuple({**dict(self.logins), **dict(others)}.items()),
            tuple({**dict(self.accesses), **dict(accesses)}.items()),
        )


def split_credentials(url: str) -> tuple[str, Login | None]:
    """An address without what stands before `@` in it, and that as a login."""
    parts = urlsplit(url)
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    user, _, password = userinfo.partition(":")
    return urlunsplit(parts._replace(netloc=host)), Login(unquote(user), unquote(password))


def without_credentials(text: str) -> str:
    """A text of somebody else's, such as a program's output, without what stands before `@` in its addresses."""
    return _USERINFO.sub(r"\1", text)


def with_login(url: str, login: Login | None) -> Secret:
    """The address with the login put back, for a child process's environment."""
    from urllib.parse import quote

    if login is None:
        return Secret(url)
    parts = urlsplit(url)
    userinfo = quote(login.user, safe="") + (f":{quote(login.password, safe='')}" if login.password else "")
    return Secret(urlunsplit(parts._replace(netloc=f"{userinfo}@{parts.netloc}")))


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses are of one scheme, host and port."""
    left, right = urlsplit(one), urlsplit(other)
    return (left.scheme, left.hostname, left.port) == (right.scheme, right.hostname, right.port)


def may_take_login(one: str, other: str) -> bool:
    """Whether a login goes along where `one` redirects to `other`: at its origin, and to its host made secure."""
    left, right = urlsplit(one), urlsplit(other)
    becomes_secure = (left.scheme, right.scheme) == ("http", "https") and not (left.port or right.port)
    return same_origin(one, other) or (becomes_secure and left.hostname == right.hostname)


def _closest(url: str, known: Iterable[tuple[str, Found]]) -> Found | None:
    wanted = urlsplit(url)
    split = ((urlsplit(address), found) for address, found in known)
    same = [(address, found) for address, found in split if _origin(address) == _origin(wanted)]
    return max(same, key=lambda pair: _common(pair[0].path, wanted.path))[1] if same else None


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", port


def _common(one: str, other: str) -> int:
    count = 0
    for left, right in zip(one.split("/"), other.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count

"""Which indexes to ask and how to reach them, as pip's and uv's own settings say."""

from __future__ import annotations

import sys
from dataclasses import field, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.frozen import dataclass
from slspack.registry.credentials import Credentials, Login, Secret, split_credentials, with_login
from slspack.registry.pip_files import pip_files, pip_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slspack.errors import SlspackError
    from slspack.model import DistName, IndexSettings

_TRUE = frozenset({"1", "true", "yes", "y", "on", "t"})
# In requests' order; the last ones are OpenSSL's, which uv knows, too.
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
_FALSE = frozenset({"0", "false", "no", "n", "off", "f"})


class KeyringProvider(Enum):
    """Where passwords that an index asks for are looked up, by pip's names (`PIP_KEYRING_PROVIDER`)."""

    AUTO = "auto"
    DISABLED = "disabled"
    IMPORT = "import"
    SUBPROCESS = "subprocess"


@dataclass(frozen=True, slots=True)
class IndexConfiguration:
    """Indexes and the way to them. No address in it carries credentials; those are in `credentials`, unseen."""

    index_url: str | None = None
    """None for the default one, whose address uv knows."""
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    """Addresses of pages, or absolute paths of folders or HTML files."""
    no_index: bool = False
    trusted_hosts: tuple[str, ...] = ()
    """`host` or `host:port`, whose certificates are not verified."""
    certificates: str | None = None
    """A bundle of certificate authorities, or a folder of them by their hashes."""
    client_certificate: str | None = None
    proxy: Secret | None = None
    timeout: float = 15.0
    """Seconds without an answer, not for a whole download."""
    retries: int = 5
    keyring: KeyringProvider = KeyringProvider.AUTO
    credentials: Credentials = field(default_factory=Credentials)
    bound: tuple[tuple[DistName, str | None], ...] = ()
    """Distributions that may come from one index only, by its address; None for the default one."""
    no_binary: tuple[str, ...] = ()
    """Distributions whose wheels do not count; `:all:` for every one."""
    exclude_newer: str | None = None
    """The moment (RFC 3339, in UTC) from which on what was uploaded does not count."""
    relayed: bool = False
    """Whether all this is settled by the index itself, which is slspack's own."""

    @property
    def has_rules(self) -> bool:
        """Whether there is more to say than which indexes there are."""
        return bool(self.bound or self.no_binary or self.exclude_newer)

    @property
    def needs_relay(self) -> bool:
        """Whether there is what no resolver can be told, so that slspack has to ask the indexes for it."""
        return self.has_rules or any(access.has_certificates for _, access in self.credentials.accesses)

    @property
    def identity(self) -> tuple[object, ...]:
        """All that decides what is found, whoever asks."""
        plain = (self.index_url, self.extra_index_urls, self.find_links, self.no_index)
        return (*plain, self.bound, self.no_binary, self.exclude_newer) if self.has_rules else plain

    def ruled_by(self, settings: IndexSettings, folder: Path) -> IndexConfiguration:
        """This, with what a service says of indexes. Relative paths are relative to `folder`."""
        merged = self.merged_with(
            index_url=settings.index_url,
            extra_index_urls=settings.extra_index_urls,
            find_links=settings.find_links,
            trusted_hosts=settings.trusted_hosts,
            no_index=settings.no_index,
            folder=folder,
        )
        logins = [(one.address, Login(one.user, one.password)) for one in settings.logins]
        return replace(
            merged.bound_to({one.name: one.index for one in settings.bound}, folder),
            no_binary=settings.no_binary,
            exclude_newer=settings.exclude_newer,
            credentials=merged.credentials.joined(logins),
        )

    def bound_to(self, indexes: Mapping[DistName, str | None], folder: Path) -> IndexConfiguration:
        """This, with distributions bound to indexes. What is bound already stays so: the service's own word counts."""
        clean = _Cleaner(folder)
        added = {name: index and clean.address(index) for name, index in indexes.items()}
        bound = tuple(sorted({**added, **dict(self.bound)}.items()))
        return replace(self, bound=bound, credentials=self.credentials.joined(clean.logins))

    def only(self, index: str | None) -> IndexConfiguration:
        """The way to one index and no other; None for the default one."""
        bare = replace(self, index_url=None, extra_index_urls=(), find_links=(), no_index=False, bound=())
        return bare.merged_with(index_url=index)

    def merged_with(
        self,
        *,
        index_url: str | None = None,
        extra_index_urls: Sequence[str] = (),
        find_links: Sequence[str] = (),
        trusted_hosts: Sequence[str] = (),
        no_index: bool = False,
        folder: Path | None = None,
    ) -> IndexConfiguration:
        """This, with a requirements file's options: `index_url` replaces, lists are added to, as pip does.

        Relative paths in `find_links` are relative to `folder`.
        """
        clean = _Cleaner(folder or Path.cwd())
        merged = replace(
            self,
            index_url=clean.address(index_url) if index_url else self.index_url,
            extra_index_urls=_unique((*self.extra_index_urls, *map(clean.address, extra_index_urls))),
            find_links=_unique((*self.find_links, *map(clean.address, find_links))),
            trusted_hosts=_unique((*self.trusted_hosts, *trusted_hosts)),
            no_index=self.no_index or no_index,
        )
        return replace(merged, credentials=self.credentials.joined(clean.logins))

    def uv_environment(self) -> dict[str, str]:
        """The variables that tell a uv process all this. They may hold secrets: only for a child's environment."""
        variables = {
            "UV_INDEX": " ".join(self._with_login(url) for url in self.extra_index_urls),
            "UV_FIND_LINKS": ",".join(self._with_login(url) for url in self.find_links),
            "UV_INSECURE_HOST": " ".join(self.trusted_hosts),
            "UV_NO_INDEX": "1" if self.no_index else "",
            "UV_DEFAULT_INDEX": self._with_login(self.index_url) if self.index_url else "",
            ("SSL_CERT_DIR" if Path(self.certificates or "-").is_dir() else "SSL_CERT_FILE"): self.certificates or "",
            "SSL_CLIENT_CERT": self.client_certificate or "",
            "HTTPS_PROXY": self.proxy.reveal() if self.proxy else "",
            "HTTP_PROXY": self.proxy.reveal() if self.proxy else "",
            "UV_HTTP_TIMEOUT": str(max(1, round(self.timeout))),
            # Addresses on loopback are of one run only, and no proxy reaches them.
            "UV_NO_CACHE": "1" if self.relayed else "",
            "NO_PROXY": "127.0.0.1" if self.relayed else "",
        }
        return {name: value for name, value in variables.items() if value}

    def _with_login(self, url: str) -> str:
        return with_login(url, self.credentials.for_url(url)).reveal() if "://" in url else url


def load_index_configuration(environment: Mapping[str, str], folder: Path) -> IndexConfiguration:
    """pip's settings with uv's environment variables over them; paths in them are relative to `folder`.

    Lowest first: pip's configuration files (global, user, interpreter, `PIP_CONFIG_FILE`; in them `[global]`,
    `[download]`, `[install]`), `PIP_*`, `UV_*`. A `UV_*` variable replaces the one setting that it names.

    Raises SLS0509 for a file or a value that cannot be used.
    """
    given = pip_settings(environment, pip_files(environment, sys.platform, sys.prefix))
    clean = _Cleaner(folder)
    index, extra = given.get("index-url"), given.get("extra-index-url", "").split()
    links, trusted = given.get("find-links", "").split(), given.get("trusted-host", "").split()
    index = environment.get("UV_DEFAULT_INDEX") or environment.get("UV_INDEX_URL") or index
    named = [*environment.get("UV_INDEX", "").split(), *environment.get("UV_EXTRA_INDEX_URL", "").split()]
    links = [link for link in environment.get("UV_FIND_LINKS", "").split(",") if link.strip()] or links
    proxy = given.get("proxy")
    return IndexConfiguration(
        index_url=clean.uv_index(index, environment) if index else None,
        extra_index_urls=_unique([clean.uv_index(url, environment) for url in named or extra]),
        find_links=_unique([clean.address(link.strip()) for link in links]),
        no_index=_flag("no-index", environment.get("UV_NO_INDEX") or given.get("no-index", "0")),
        trusted_hosts=_unique(environment.get("UV_INSECURE_HOST", "").split() or trusted),
        certificates=_path(given.get("cert") or _first(environment, _CERTIFICATES), folder),
        client_certificate=_path(given.get("client-cert") or environment.get("SSL_CLIENT_CERT"), folder),
        proxy=Secret(proxy) if proxy else None,
        timeout=_seconds("timeout", given.get("timeout") or given.get("default-timeout") or "15"),
        retries=int(_seconds("retries", given.get("retries", "5"))),
        keyring=_keyring(given.get("keyring-provider", "auto")),
        credentials=Credentials(tuple(clean.logins)),
    )


class _Cleaner:
    """Makes addresses absolute and takes the credentials out of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.logins: list[tuple[str, Login]] = []

    def address(self, text: str) -> str:
        if "://" not in text and not text.startswith("file:"):
            return str(_path(text, self._folder))
        try:
            url, login = split_credentials(text)
        except ValueError:
            # Not quoted: it may hold a password.
            raise ConfigError.of(
                Code.PIP_CONFIG,
                "the address of an index or a find-links place is not valid",
                hint="look at what `pip config list` shows, and at PIP_INDEX_URL, UV_DEFAULT_INDEX and their like",
            ) from None
        if login is not None:
            self.logins.append((url, login))
        return url

    def uv_index(self, text: str, environment: Mapping[str, str]) -> str:
        """uv's `NAME=URL`, whose login may stand in `UV_INDEX_NAME_USERNAME` and `UV_INDEX_NAME_PASSWORD`."""
        name, equals, url = text.partition("=")
        if not equals or not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
            return self.address(text)
        variable = "UV_INDEX_" + "".join(letter.upper() if letter.isalnum() else "_" for letter in name)
        user, password = environment.get(f"{variable}_USERNAME"), environment.get(f"{variable}_PASSWORD")
        clean = self.address(url)
        if user or password:
            self.logins.append((clean, Login(user or "", password or "")))
        return clean


def _first(environment: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((environment[name] for name in names if environment.get(name)), None)


def _path(text: str | None, folder: Path) -> str | None:
    return str(folder / Path(text).expanduser()) if text else None


def _keyring(value: str) -> KeyringProvider:
    try:
        return KeyringProvider(value.strip())
    except ValueError:
        raise _bad_value("keyring-provider", "`auto`, `disabled`, `import` or `subprocess`") from None


def _flag(name: str, value: str) -> bool:
    if value.strip().lower() not in _TRUE | _FALSE:
        raise _bad_value(name, "a truth value such as `true` or `0`")
    return value.strip().lower() in _TRUE


def _seconds(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e6:
        raise _bad_value(name, "a number, zero or more")
    return number


def _bad_value(name: str, kind: str) -> SlspackError:
    return ConfigError.of(
        Code.PIP_CONFIG,
        f"pip's setting `{name}` is not {kind}",
        hint=f"`pip config list` shows where it is set; the variable is PIP_{name.upper().replace('-', '_')}",
    )


def _unique(items: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))

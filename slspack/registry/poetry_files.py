"""What Poetry's own settings say of a project's sources: logins, certificates, and where the keyring has a password."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, cast

from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.frozen import dataclass
from slspack.registry.credentials import Access, Login
from slspack.registry.pip_files import home_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_Tables = dict[str, dict[str, dict[str, object]]]


@dataclass(frozen=True, slots=True)
class PoetrySettings:
    """Poetry's files in order, the later on top. Tables in them are by kind (`http-basic`) and then by source."""

    files: tuple[_Tables, ...]
    folder: Path
    """What paths in them are relative to."""

    def login(self, source: str, environment: Mapping[str, str]) -> Login | None:
        """A source's user name and password. Without a password, the keyring may have it."""
        written = self._table("http-basic", source)
        start = f"POETRY_HTTP_BASIC_{_spelt(source)}"
        user = environment.get(f"{start}_USERNAME") or written.get("username")
        password = environment.get(f"{start}_PASSWORD") or written.get("password")
        return Login(str(user or ""), str(password or "")) if user or password else None

    def access(self, source: str, environment: Mapping[str, str]) -> Access:
        """How a source is reached: its certificates, and its name in the keyring."""
        written = self._table("certificates", source)
        start = f"POETRY_CERTIFICATES_{_spelt(source)}"
        authorities = environment.get(f"{start}_CERT") or written.get("cert")
        own = environment.get(f"{start}_CLIENT_CERT") or written.get("client-cert")
        unverified = authorities is False or str(authorities).lower() == "false"
        return Access(
            authorities=None if unverified or not authorities else self._path(authorities),
            is_verified=not unverified,
            client_certificate=self._path(own) if own else None,
            keyring_name=f"poetry-repository-{source}",
        )

    def _table(self, kind: str, source: str) -> dict[str, object]:
        merged: dict[str, object] = {}
        for tables in self.files:
            for name, values in tables.get(kind, {}).items():
                merged |= values if name.lower() == source.lower() else {}
        return merged

    def _path(self, text: object) -> str:
        return str(self.folder / Path(str(text)).expanduser())


def poetry_files(environment: Mapping[str, str], platform: str = sys.platform) -> tuple[Path, ...]:
    """Poetry's user-wide files, `config.toml` and then `auth.toml`, in the folder that Poetry looks into."""
    home = home_folder(environment, platform)
    chosen = environment.get("POETRY_CONFIG_DIR")
    if chosen:
        folder = Path(chosen)
    elif platform == "win32":
        roaming = environment.get("APPDATA")
        folder = (Path(roaming) if roaming else home / "AppData/Roaming") / "pypoetry"
    elif platform == "darwin":
        folder = home / "Library/Application Support/pypoetry"
    else:
        folder = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pypoetry"
    return folder / "config.toml", folder / "auth.toml"


def read_poetry_settings(paths: Sequence[str], read: Callable[[str], bytes | None], folder: Path) -> PoetrySettings:
    """The settings in these files, as far as there are such. Raises SLS0509 for one that cannot be parsed."""
    return PoetrySettings(tuple(_tables(path, read(path)) for path in paths), folder)


def _tables(path: str, content: bytes | None) -> _Tables:
    try:
        document = tomllib.loads((content or b"").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # What the parser says may quote a password.
        raise ConfigError.of(
            Code.PIP_CONFIG,
            f"Poetry's configuration file `{path}` cannot be parsed",
            hint="`poetry config --list` reads it, too; POETRY_CONFIG_DIR can name another folder",
        ) from None
    kinds = {kind: table for kind, table in document.items() if isinstance(table, dict)}
    return {
        kind: {name: cast("dict[str, object]", values) for name, values in table.items() if isinstance(values, dict)}
        for kind, table in kinds.items()
    }


def _spelt(source: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", source.upper())

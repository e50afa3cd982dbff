"""A lock file's text and tables, with typed access and the places of packages in it."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import field
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.model import Digest, Location
from slspack.resolve.locks.formats import refresh_command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slspack.resolve.files import ServiceFiles

_SHA256 = re.compile(r"sha256:([0-9a-fA-F]{64})")
_TOML_PLACE = re.compile(r"at line (\d+), column (\d+)")

Table = dict[str, object]


@dataclass(frozen=True, slots=True)
class LockDocument:
    """One lock file, parsed."""

    path: str
    text: str = field(repr=False)
    tables: Mapping[str, object] = field(repr=False)

    def place(self, name: str) -> Location:
        """Where a package of that name stands first; the file itself where that cannot be told."""
        escaped = re.escape(name)
        match = re.search(rf"^[ \t]*name\s*=\s*[\"']{escaped}[\"']", self.text, re.MULTILINE)
        match = match or re.search(rf"^[ \t]*\"{escaped}\"\s*:\s*\{{", self.text, re.MULTILINE)
        return Location(self.path, self.text.count("\n", 0, match.start()) + 1) if match else Location(self.path)


def read_toml_lock(path: str, files: ServiceFiles) -> LockDocument:
    """A lock file in TOML. Raises SLS0207 for one that is none."""
    text = _text(path, files)
    try:
        return LockDocument(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        at = Location(path, int(place[1]), int(place[2])) if place else Location(path)
        raise invalid(path, at, f"it is not TOML: {lowered(str(error).partition(' (at ')[0])}") from None


def read_json_lock(path: str, files: ServiceFiles) -> LockDocument:
    """A lock file in JSON. Raises SLS0207 for one that is none."""
    text = _text(path, files)
    try:
        tables = json.loads(text)
    except json.JSONDecodeError as error:
        raise invalid(
            path, Location(path, error.lineno, error.colno), f"it is not JSON: {lowered(error.msg)}"
        ) from None
    if not isinstance(tables, dict):
        raise invalid(path, Location(path), "it is not a JSON object")
    return LockDocument(path, text, tables)


def invalid(path: str, at: Location, reason: str) -> SlspackError:
    """The error for a lock file that cannot be understood."""
    hint = f"`{refresh_command(path)}` writes it anew"
    return SlspackError.of(Code.LOCK_INVALID, f"`{path}` cannot be read: {reason}", at=at, hint=hint)


def stale(path: str, project: str, reason: str) -> SlspackError:
    """The error for a lock file that was made from something else than what its project file now says."""
    return SlspackError.of(
        Code.LOCK_STALE,
        f"`{path}` does not match `{project}`: {reason}",
        at=Location(path),
        hint=f"`{refresh_command(path)}` makes it anew",
    )


def table(value: object) -> Table:
    """The value if it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def tables(value: object) -> tuple[Table, ...]:
    """The tables of an array."""
    return tuple(item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def text_of(value: object) -> str:
    """The value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """The strings of an array; of a string, that one."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def sha256_of(value: object) -> Digest | None:
    """The hash in `sha256:HEX`; None for another algorithm."""
    match = _SHA256.fullmatch(text_of(value))
    return Digest(match[1].lower()) if match else None


def size_of(value: object) -> int | None:
    """A size in bytes, if one is stated."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def names_of(listed: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """The `name` of each table."""
    return tuple(text_of(one.get("name")) for one in listed)


def lowered(text: str) -> str:
    """The first line of somebody else's message, as a part of a sentence."""
    first = text.partition("\n")[0].rstrip(".")
    return first[:1].lower() + first[1:]


def _text(path: str, files: ServiceFiles) -> str:
    try:
        return (files.read(path) or b"").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise invalid(path, Location(path), f"it is not text: {error}") from None

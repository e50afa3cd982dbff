"""A built wheel with everything taken out of it that depends on when and where it was built."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SOURCE_DATE_EPOCH = 315532800
"""1980-01-01, the first time that a zip file can tell."""

_DATE = (1980, 1, 1, 0, 0, 0)
_DROPPED = ("RECORD", "RECORD.jws", "RECORD.p7s", "direct_url.json")


def normalise(wheel: Path, into: Path) -> None:
    """Write the wheel again: members sorted, one time, two modes, no byte code, no signatures, RECORD made anew.

    What is in the members stays as it is. Raises zipfile.BadZipFile, KeyError or ValueError for what is no wheel.
    """
    with zipfile.ZipFile(wheel) as source:
        members = {one.filename: one for one in source.infolist() if not one.is_dir()}
        info = _dist_info(members)
        dropped = {f"{info}/{name}" for name in _DROPPED}
        kept = [name for name in members if name not in dropped and not _is_byte_code(name)]
        files = {name: (source.read(name), bool(members[name].external_attr >> 16 & 0o111)) for name in kept}
    pack(files, info, into)


def pack(files: Mapping[str, tuple[bytes, bool]], info: str, into: Path) -> None:
    """Write a wheel of these files, each with whether it is executable; `info` is its `.dist-info`, RECORD is made."""
    with zipfile.ZipFile(into, "w") as out:
        record: list[str] = []
        for name in sorted(files, key=str.encode):
            content, executable = files[name]
            _add(out, name, content, executable=executable)
            record.append(f"{_quoted(name)},sha256={_digest(content)},{len(content)}")
        record.append(f"{_quoted(f'{info}/RECORD')},,")
        _add(out, f"{info}/RECORD", "".join(f"{line}\n" for line in record).encode(), executable=False)


def _dist_info(names: dict[str, zipfile.ZipInfo]) -> str:
    found = {name.partition("/")[0] for name in names if name.endswith(".dist-info/WHEEL")}
    if len(found) != 1:
        raise ValueError("it has no `.dist-info/WHEEL`, or several")
    return found.pop()


def _is_byte_code(name: str) -> bool:
    return name.endswith((".pyc", ".pyo")) or "__pycache__" in name.split("/")


def _add(out: zipfile.ZipFile, name: str, content: bytes, *, executable: bool) -> None:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.create_system = 3
    entry.external_attr = (0o100755 if executable else 0o100644) << 16
    # Stored: the zlib of this machine must not decide about bytes. Artifacts compress by their own means.
    out.writestr(entry, content, zipfile.ZIP_STORED)


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _quoted(name: str) -> str:
    """As the csv module writes a field that needs quotes."""
    return '"' + name.replace('"', '""') + '"' if any(sign in name for sign in ',"\n\r') else name

"""Small real wheels and sdists, made in a test."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

Content = str | bytes


def make_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    files: Mapping[str, Content] | None = None,
    *,
    requires: Iterable[str] = (),
    extras: Iterable[str] = (),
    requires_python: str | None = None,
    entry_points: str | None = None,
    tag: str = "py3-none-any",
    build: str | None = None,
    executable: Collection[str] = (),
    compression: int = zipfile.ZIP_DEFLATED,
    date: tuple[int, int, int, int, int, int] = (2024, 5, 17, 12, 30, 0),
) -> Path:
    """Write `NAME-VERSION-TAG.whl` (without files: one module of the distribution's name) and return its path."""
    escaped = name.replace("-", "_")
    contents: dict[str, bytes] = {
        path: _encoded(content)
        for path, content in (files if files is not None else {f"{escaped}/__init__.py": ""}).items()
    }
    info = f"{escaped}-{version}.dist-info"
    contents[f"{info}/METADATA"] = _metadata(name, version, requires, extras, requires_python).encode()
    contents[f"{info}/WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: tests\n"
        f"Root-Is-Purelib: {'true' if tag.endswith('-any') else 'false'}\n"
        + "".join(f"Tag: {one}\n" for one in _expanded(tag))
    ).encode()
    if entry_points is not None:
        contents[f"{info}/entry_points.txt"] = entry_points.encode()
    record = "".join(f"{path},sha256={_urlsafe(content)},{len(content)}\n" for path, content in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "-".join(part for part in (escaped, version, build, tag) if part)
    path = path.with_name(path.name + ".whl")
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in contents.items():
            entry = zipfile.ZipInfo(member, date)
            entry.create_system = 3
            entry.external_attr = (0o100755 if member in executable else 0o100644) << 16
            archive.writestr(entry, content, compression)
    return path


def make_sdist(folder: Path, name: str, version: str = "1.0", files: Mapping[str, Content] | None = None) -> Path:
    """Write `NAME-VERSION.tar.gz` with a PKG-INFO and `files`, and return its path."""
    escaped = name.replace("-", "_")
    contents = {path: _encoded(content) for path, content in (files or {}).items()}
    contents["PKG-INFO"] = _metadata(name, version, (), (), None).encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{escaped}-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for member, content in contents.items():
            entry = tarfile.TarInfo(f"{escaped}-{version}/{member}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def _metadata(
    name: str, version: str, requires: Iterable[str], extras: Iterable[str], requires_python: str | None
) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    if requires_python:
        lines.append(f"Requires-Python: {requires_python}")
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    return "\n".join(lines) + "\n\nA distribution made for a test.\n"


def _expanded(tag: str) -> list[str]:
    interpreters, abis, platforms = tag.split("-")
    return [f"{i}-{a}-{p}" for i in interpreters.split(".") for a in abis.split(".") for p in platforms.split(".")]


def _encoded(content: Content) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _urlsafe(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()

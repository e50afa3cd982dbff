"""Indexes on this machine: folders laid out as PEP 503 says, flat folders of files, and HTML files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from slspack.registry.pages import IndexFile, parse_filename, parse_page

if TYPE_CHECKING:
    from slspack.model import DistName

WINDOWS = os.name == "nt"


def local_path(address: str) -> Path | None:
    """The path that a `file:` address or a plain path names; None for an address elsewhere."""
    if "://" not in address and not address.startswith("file:"):
        return Path(address)
    parts = urlsplit(address)
    if parts.scheme != "file":
        return None
    if not WINDOWS:
        return Path(unquote(parts.path))
    from urllib.request import url2pathname  # slow to import: it brings HTTP, TLS and mail

    return Path(url2pathname(parts.path))


def local_files(root: Path, name: DistName) -> tuple[IndexFile, ...] | None:
    """The files of one distribution below `root`; None if it has none.

    `root` is a folder with a folder for each name (with or without an `index.html`), a folder of files, or an HTML file
    with links. Files that are listed by their folder have no stated hash.
    """
    if root.is_file():
        files = _linked(root)
    elif (root / name / "index.html").is_file():
        files = _linked(root / name / "index.html")
    elif (root / name).is_dir():
        files = _listed(root / name)
    elif root.is_dir():
        files = _listed(root)
    else:
        return None
    return tuple(file for file in files if (parsed := parse_filename(file.filename)) and parsed[0] == name) or None


def _linked(page: Path) -> tuple[IndexFile, ...]:
    return parse_page("text/html", page.read_bytes(), page.absolute().as_uri()).files


def _listed(folder: Path) -> tuple[IndexFile, ...]:
    return tuple(
        IndexFile(path.name, path.absolute().as_uri(), None, path.stat().st_size)
        for path in sorted(folder.iterdir())
        if path.is_file()
    )

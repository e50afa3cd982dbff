"""What a lock file (PEP 751) says of distributions that are built: sdists, archives, repositories, folders."""

from __future__ import annotations

import json
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.builds.origins import ArchiveOrigin, FolderOrigin, GitOrigin, parse_origin
from slspack.model import dist_name
from slspack.registry import local_path

if TYPE_CHECKING:
    from slspack.builds.origins import SourceOrigin
    from slspack.model import LockedDistribution


def is_folder(one: LockedDistribution) -> bool:
    """Whether it is built of a folder, whose version may change with its content."""
    return one.built is not None and isinstance(parse_origin(one.wheel.url), FolderOrigin)


def own_source(one: LockedDistribution) -> str:
    """The source that a distribution is built of, where that excludes wheels: empty for wheels and for sdists."""
    if one.built is None:
        return ""
    origin = parse_origin(one.wheel.url)
    return "" if isinstance(origin, ArchiveOrigin) and _is_sdist(origin, one) else str(origin)


def source_line(one: LockedDistribution, place: Path, root: Path) -> str:
    """The line for what a distribution is built of. Paths become relative to `place`, the lock file's folder."""
    origin = parse_origin(one.wheel.url)
    if isinstance(origin, GitOrigin):
        said = f'type = "git", url = {_string(origin.address)}, commit-id = {_string(origin.revision)}'
        return f"vcs = {{ {said}{_inside(origin)} }}"
    if isinstance(origin, FolderOrigin):
        return f"directory = {{ path = {_string(_path(origin.path, place, root))}{_inside(origin)} }}"
    assert one.built is not None  # noqa: S101 (the caller asks only of what was built)
    address = f"url = {_string(origin.url)}"
    if local_path(origin.url) is not None:
        address = f"path = {_string(_path(origin.url, place, root))}"
    size = f", size = {origin.size}" if origin.size is not None else ""
    hashes = f"hashes = {{ sha256 = {_string(one.built.source_digest)} }}"
    if _is_sdist(origin, one):
        return f"sdist = {{ name = {_string(origin.filename)}, {address}{size}, {hashes} }}"
    return f"archive = {{ {address}{size}, {hashes}{_inside(origin)} }}"


def relative(local: Path, place: Path) -> str:
    """A path as a lock file in `place` has it."""
    try:
        return posixpath.relpath(local.as_posix(), place.as_posix())
    except ValueError:
        return local.as_posix()


def _path(text: str, place: Path, root: Path) -> str:
    local = local_path(text)
    return relative((root / (local or Path(text)).expanduser()).resolve(), place)


def _is_sdist(origin: ArchiveOrigin, one: LockedDistribution) -> bool:
    """Whether an archive is named as PEP 625 says: then it came from an index, or could have."""
    from packaging.utils import InvalidSdistFilename, canonicalize_version, parse_sdist_filename
    from packaging.version import InvalidVersion

    try:
        name, version = parse_sdist_filename(origin.filename)
    except (InvalidSdistFilename, InvalidVersion):
        return False
    same = canonicalize_version(version) == canonicalize_version(one.version)
    return dist_name(name) == one.name and same and not origin.subdirectory


def _inside(origin: SourceOrigin) -> str:
    return f", subdirectory = {_string(origin.subdirectory)}" if origin.subdirectory else ""


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

"""The layers of an image: tar archives whose bytes depend on nothing but the files in them."""

from __future__ import annotations

import hashlib
import io
import tarfile
from contextlib import ExitStack
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from slspack.bundle.treefiles import own_file, part_files
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from slspack.bundle import Segment
    from slspack.bundle.treefiles import TreeFile
    from slspack.model import DistName, Plan
    from slspack.tree import ServiceTree

TASK_ROOT = "var/task"
"""Where Lambda's base images look for code: `LAMBDA_TASK_ROOT`."""
_TIME = 315532800
"""1980-01-01, the first time that a zip can hold: what an artifact's files have, too."""


@dataclass(frozen=True, slots=True)
class LayerFile:
    """A layer as it lies on disk. `digest` is of its uncompressed bytes: the layer's `diff_id`."""

    path: Path
    digest: str
    bytes: int


def dependency_layer(plan: Plan, segments: Mapping[DistName, Segment], place: Path) -> LayerFile:
    """What wheels bring. It stays byte for byte the same whatever is edited in the service."""
    with ExitStack() as opened:
        files: list[tuple[str, TreeFile]] = []
        for part in plan.wheels:
            segment = segments[part.distribution.name]
            source = opened.enter_context(segment.path.open("rb", buffering=0))
            files += part_files(part, segment, source)
        return _write(files, place)


def code_layer(plan: Plan, tree: ServiceTree, place: Path) -> LayerFile:
    """The service's own files. Raises SLS0604 if one is no longer what was planned."""
    return _write([(entry.name, own_file(entry, tree)) for entry in plan.entries], place)


def _write(files: Iterable[tuple[str, TreeFile]], place: Path) -> LayerFile:
    folders: set[PurePosixPath] = set()
    with place.open("wb") as stream, tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, file in sorted(files, key=lambda pair: pair[0].encode()):
            path = PurePosixPath(TASK_ROOT, name)
            for folder in [one for one in reversed(path.parents[:-1]) if one not in folders]:
                folders.add(folder)
                tar.addfile(_entry(str(folder), 0o755, tarfile.DIRTYPE))
            content = b"".join(file.content())
            entry = _entry(str(path), 0o755 if file.executable else 0o644, tarfile.REGTYPE)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    with place.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    return LayerFile(place, f"sha256:{sha256}", place.stat().st_size)


def _entry(name: str, mode: int, kind: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.mtime, entry.uid, entry.gid = kind, mode, _TIME, 0, 0
    return entry

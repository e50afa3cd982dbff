"""The files that the folder of a plan has to hold: what identifies each, and its content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.bundle.content import content_of
from slspack.bundle.copying import read_range
from slspack.bundle.deflate import inflate
from slspack.bundle.ziprecords import DEFLATED
from slspack.frozen import dataclass
from slspack.keys import digest_bytes, key_of
from slspack.model import FileSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from io import FileIO

    from slspack.bundle.segments import Segment
    from slspack.bundle.ziprecords import ZipEntry
    from slspack.model import Entry, WheelPart
    from slspack.tree import ServiceTree


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file as it is to be. Equal identities mean equal content and mode; `content` reads it, in chunks."""

    identity: str
    executable: bool
    content: Callable[[], Iterable[bytes]]


def own_file(entry: Entry, tree: ServiceTree) -> TreeFile:
    """A first-party or generated file. Reading it raises SLS0604 if it is no longer what was planned."""
    source = entry.source
    digest = source.sha256 if isinstance(source, FileSource) else digest_bytes(source.content)
    return TreeFile(_identity(digest, entry.executable), entry.executable, lambda: [content_of(entry, tree)])


def part_key(part: WheelPart) -> str:
    """What identifies all files of a wheel's part together."""
    return key_of("tree part", part.distribution.wheel.sha256, part.without)[:32]


def part_files(part: WheelPart, segment: Segment, source: FileIO) -> Iterator[tuple[str, TreeFile]]:
    """The files of a wheel's part, by name. `source` is the segment's file, open as long as content is read."""
    without = frozenset(part.without)
    for entry, data_at in segment.entries():
        if entry.name not in without:
            identity = _identity(f"{entry.crc:08x}-{entry.size}", entry.executable)
            yield entry.name, TreeFile(identity, entry.executable, _reading(source, entry, data_at))


def _identity(content: str, executable: bool) -> str:  # noqa: FBT001 (two values that belong together)
    return f"{content}-x" if executable else content


def _reading(source: FileIO, entry: ZipEntry, data_at: int) -> Callable[[], Iterable[bytes]]:
    def read() -> Iterator[bytes]:
        raw = read_range(source, data_at, entry.data_size)
        if entry.method == DEFLATED:
            yield from inflate(raw)
        else:
            yield from (bytes(chunk) for chunk in raw)

    return read

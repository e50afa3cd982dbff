"""The content of a plan's own entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.keys import digest_bytes
from slspack.model import FileSource, Location

if TYPE_CHECKING:
    from slspack.model import Entry
    from slspack.tree import ServiceTree


def content_of(entry: Entry, tree: ServiceTree) -> bytes:
    """What goes into the artifact. Raises SLS0604 if a first-party file is no longer what was planned."""
    source = entry.source
    if not isinstance(source, FileSource):
        return source.content
    content = tree.read(source.path)
    if digest_bytes(content) != source.sha256:
        raise SlspackError.of(
            Code.FILE_CHANGED,
            f"`{source.path}` changed while the artifact was being written",
            at=Location(source.path),
            hint="build again once nothing writes to it",
        )
    return content


def size_of(entry: Entry) -> int:
    """How many bytes it is, unzipped, as it was planned."""
    return entry.source.size if isinstance(entry.source, FileSource) else len(entry.source.content)

"""The content of a plan's own entries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.keys import digest_bytes
from slspack.model import GeneratedSource, KeptSource, Location

if TYPE_CHECKING:
    from slspack.model import Digest, Entry
    from slspack.tree import ServiceTree


def content_of(entry: Entry, tree: ServiceTree) -> bytes:
    """What goes into the artifact. Raises SLS0604 if a first-party file is no longer what was planned."""
    source = entry.source
    if isinstance(source, GeneratedSource):
        return source.content
    if isinstance(source, KeptSource):
        return _kept(source)
    content = tree.read(source.path)
    if digest_bytes(content) != source.sha256:
        raise SlspackError.of(
            Code.FILE_CHANGED,
            f"`{source.path}` changed while the artifact was being written",
            at=Location(source.path),
            hint="build again once nothing writes to it",
        )
    return content


def _kept(source: KeptSource) -> bytes:
    try:
        content = Path(source.kept).read_bytes()
    except FileNotFoundError:
        content = b""
    if digest_bytes(content) != source.sha256:
        message = f"`{source.origin}` is no longer in the store as it was planned"
        raise SlspackError.of(Code.FILE_CHANGED, message, hint="build again: it is taken out of the image anew")
    return content


def digest_of(entry: Entry) -> Digest:
    """The sha256 of its content, as it was planned."""
    source = entry.source
    return digest_bytes(source.content) if isinstance(source, GeneratedSource) else source.sha256


def size_of(entry: Entry) -> int:
    """How many bytes it is, unzipped, as it was planned."""
    return len(entry.source.content) if isinstance(entry.source, GeneratedSource) else entry.source.size

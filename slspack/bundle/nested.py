"""The segment of an archive that stands inside an artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.bundle.nesting import ARCHIVE
from slspack.bundle.output import reported
from slspack.bundle.renewal import archive_key
from slspack.bundle.segments import read_segment, write_tables
from slspack.bundle.zipwriter import write_nested
from slspack.store import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slspack.bundle.segments import Segment
    from slspack.model import DistName, WheelPart
    from slspack.store import Store


def nested_segment(parts: Sequence[WheelPart], segments: Mapping[DistName, Segment], store: Store) -> Segment:
    """The segment of the one file that is the archive of these parts: from the store, or made there.

    `segments` has that of each part. Raises SLS0603 if the store cannot be written.
    """
    key = archive_key(parts)
    known = read_segment(key, store)
    if known is not None:
        return known
    path = store.path(Kind.SEGMENT, key)
    with reported(path), store.exclusive(Kind.SEGMENT, key):
        made_meanwhile = read_segment(key, store)
        if made_meanwhile is not None:
            return made_meanwhile
        with store.writing(Kind.SEGMENT, key) as temporary:
            entry = write_nested(ARCHIVE, parts, segments, temporary)
            with temporary.open("ab") as out:
                return write_tables(path, [entry], [0, out.tell()], out)

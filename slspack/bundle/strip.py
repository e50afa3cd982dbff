"""Takes out of a shared library what only debuggers and linkers read, without moving a byte that is loaded.

The file ends after the last byte that a segment or a loaded section has; what is dropped before that becomes zeros,
which compress to nothing. No load segment can get out of line that way, as it does by tools that lay a file out anew.
No tool of the machine is asked: the same library gives the same bytes everywhere.
"""

from __future__ import annotations

import struct

from slspack.frozen import dataclass

STRIPPER = 1
"""Part of the keys of what was stripped: raised where other bytes come out."""

_MAGIC = b"\x7fELF\x02\x01"
_HEADER = struct.Struct("<16s2HI3QI6H")
_SEGMENT = struct.Struct("<2I6Q")
_SECTION = struct.Struct("<2I4Q2I2Q")
_LIBRARY = 3
_NOBITS = 8
_LOADED = 2


@dataclass(frozen=True, slots=True)
class _Section:
    index: int
    header: bytes
    kind: int
    flags: int
    start: int
    size: int

    @property
    def end(self) -> int:
        return self.start + (0 if self.kind == _NOBITS else self.size)


def stripped(content: bytes) -> bytes:
    """A 64-bit little-endian shared library without symbol table, debug information and comments.

    Anything else comes back as it is, and so does a library with something behind its last section, which nobody can
    know the meaning of.
    """
    if not content.startswith(_MAGIC) or len(content) < _HEADER.size:
        return content
    try:
        made = _strip(content)
    except (struct.error, OverflowError):  # cut short or damaged: the check of native code has the word for that
        return content
    return made if len(made) < len(content) else content


def _strip(content: bytes) -> bytes:
    header = list(_HEADER.unpack_from(content))
    kind, segments_at, sections_at = header[1], header[5], header[6]
    segment_size, segment_count, section_size, section_count, names_index = header[9:14]
    if kind != _LIBRARY or (segment_size, section_size) != (_SEGMENT.size, _SECTION.size) or not section_count:
        return content
    sections = [_section(content, sections_at, index) for index in range(section_count)]
    table_end = sections_at + section_count * section_size
    if max(table_end, *(section.end for section in sections)) < len(content) or names_index >= section_count:
        return content
    spans = [(0, _HEADER.size), (segments_at, segments_at + segment_count * segment_size)]
    for index in range(segment_count):
        segment = _SEGMENT.unpack_from(content, segments_at + index * segment_size)
        spans.append((segment[2], segment[2] + segment[5]))
    spans += [(section.start, section.end) for section in sections if section.flags & _LOADED]
    end = max(stop for _, stop in spans)
    if end > len(content):
        return content
    kept = bytearray(end)
    for start, stop in spans:
        kept[start:stop] = content[start:stop]
    names = sections[names_index]
    at = end + -end % 8
    body = bytes(kept) + bytes(at - end) + content[names.start : names.end]
    table_at = len(body) + -len(body) % 8
    header[6] = table_at
    rows = b"".join(_row(section, names_index, at) for section in sections)
    return _HEADER.pack(*header) + body[_HEADER.size :] + bytes(table_at - len(body)) + rows


def _section(content: bytes, table: int, index: int) -> _Section:
    place = table + index * _SECTION.size
    fields = _SECTION.unpack_from(content, place)
    return _Section(index, content[place : place + _SECTION.size], fields[1], fields[2], fields[4], fields[5])


def _row(section: _Section, names_index: int, names_at: int) -> bytes:
    """A section's new header. Those that are dropped stay as empty ones, so that no index has to change."""
    if section.index == names_index:
        fields = list(_SECTION.unpack(section.header))
        fields[4] = names_at
        return _SECTION.pack(*fields)
    return section.header if section.flags & _LOADED else bytes(_SECTION.size)

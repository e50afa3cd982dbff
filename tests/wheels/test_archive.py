"""The central directory: as zipfile reads it where it is sound, refused where it is not."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Digest
from slspack.wheels import read_facts
from slspack.wheels.archive import Archive
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "alpha-1.0-py3-none-any.whl"
END = 22


class Bytes:
    """A zip in memory."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)

    def read(self, start: int, end: int) -> bytes:
        return self._content[start:end]


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytearray:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, method)
        archive.comment = comment
    return bytearray(out.getvalue())


def problem(content: bytes) -> tuple[Code, str]:
    with pytest.raises(SlspackError) as caught:
        Archive(Bytes(bytes(content)), NAME)
    (finding,) = caught.value.findings
    return finding.code, finding.message.removeprefix(f"`{NAME}` is not a valid wheel: ")


SEGMENTS = st.text(st.characters(codec="utf-8", exclude_characters="/\\:\0", exclude_categories=["Cs"]), min_size=1)
COMMENTS = st.binary(max_size=300).filter(lambda comment: b"PK\5\6" not in comment)
PATHS = st.lists(SEGMENTS.filter(lambda part: part not in (".", "..")), min_size=1, max_size=3).map("/".join)


@given(files=st.dictionaries(PATHS, st.binary(max_size=99), max_size=6), stored=st.booleans(), comment=COMMENTS)
def test_reads_what_zipfile_wrote(files: dict[str, bytes], stored: bool, comment: bytes) -> None:
    content = bytes(zipped(files, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED, comment))
    archive = Archive(Bytes(content), NAME)
    with zipfile.ZipFile(io.BytesIO(content)) as expected:
        assert [
            (m.name, m.size, m.compressed_size, m.crc, m.method, m.header_offset) for m in archive.members
        ] == sorted(
            (i.filename, i.file_size, i.compress_size, i.CRC, i.compress_type, i.header_offset)
            for i in expected.infolist()
        )
    assert {member.name: archive.read(member) for member in archive.members} == files


@given(data=st.data())
def test_a_damaged_archive_is_read_or_refused_but_never_crashes(data: st.DataObject) -> None:
    content = zipped({"alpha/__init__.py": b"x = 1\n" * 9, "alpha-1.0.dist-info/METADATA": b"Name: alpha\n"})
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
    try:
        archive = Archive(Bytes(bytes(content)), NAME)
        for member in archive.members:
            archive.read(member)
    except SlspackError as error:
        assert error.findings[0].code in (Code.BAD_WHEEL, Code.UNSAFE_MEMBER)  # noqa: PT017


@pytest.mark.parametrize(
    "name", ["../evil.py", "/etc/passwd", "a/../../b", "a//b", "a/./b", "C:/a", "a\\b", "..", "a/..", "../"]
)
def test_names_that_climb(name: str) -> None:
    code, message = problem(renamed("x" * len(name), name))
    assert code is Code.UNSAFE_MEMBER
    assert message == f"`{NAME}` holds `{name}`, which could climb out of the root"


def renamed(placeholder: str, name: str) -> bytes:
    return bytes(zipped({placeholder: b""})).replace(placeholder.encode(), name.encode())


def test_names_that_are_no_names() -> None:
    code, message = problem(bytes(zipped({"abc": b""})).replace(b"abc", b"a\xffc"))
    assert (code, message) == (Code.BAD_WHEEL, "the name `a\\xffc` in it is not UTF-8")
    assert problem(renamed("abc", "a\0c"))[1] == "a name in it holds a NUL"


def test_a_name_twice() -> None:
    content = bytes(zipped({"one.py": b"1", "two.py": b"2"})).replace(b"two.py", b"one.py")
    assert problem(content) == (Code.BAD_WHEEL, "it holds `one.py` twice")


def record(content: bytes, number: int = 0) -> int:
    """Where the n-th record of the central directory starts."""
    at = content.index(b"PK\1\2")
    for _ in range(number):
        at = content.index(b"PK\1\2", at + 1)
    return at


def patched(change: Callable[[bytearray], None]) -> bytes:
    content = zipped({"one.py": b"1" * 50, "two.py": b"2" * 50})
    change(content)
    return bytes(content)


def put(layout: str, offset: int, *values: int) -> Callable[[bytearray], None]:
    """Overwrite fields of the second member's central record."""

    def change(content: bytearray) -> None:
        struct.pack_into(layout, content, record(bytes(content), 1) + offset, *values)

    return change


def put_end(layout: str, offset: int, *values: int) -> Callable[[bytearray], None]:
    """Overwrite fields of the end record."""

    def change(content: bytearray) -> None:
        struct.pack_into(layout, content, len(content) - END + offset, *values)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("<H", 8, 1), "its `two.py` is encrypted"),
        (put("<H", 10, 12), "its `two.py` is compressed by method 12, which is neither stored nor deflated"),
        (put("<H", 10, 0), "its `two.py` is stored, but has two sizes"),
        (put("<L", 20, 5000), "its members run into its central directory"),
        (put("<L", 42, 3), "its `two.py` overlaps another member"),
        (put("<L", 42, 5000), "its members run into its central directory"),
        (put("<L", 24, 0xFFFFFFFF), "the size of its `two.py` is missing"),
        (put("<H", 28, 600), "its central directory is cut short"),
        (put("<H", 30, 600), "its central directory is cut short"),
        (put("<L", 0, 0), "its central directory is cut short"),
        (put_end("<HH", 8, 3, 3), "its central directory claims 3 members in 104 bytes"),
        (put_end("<HH", 8, 1, 1), "its central directory holds more than its members"),
        (put_end("<HH", 8, 9000, 9000), "its central directory claims 9000 members in 104 bytes"),
        (put_end("<HH", 8, 1, 2), "it spans several disks"),
        (put_end("<H", 4, 1), "it spans several disks"),
        (put_end("<L", 16, 7), "its central directory is not where its end record says"),
        (put_end("<L", 12, 1 << 30), f"its central directory claims 2 members in {1 << 30} bytes"),
    ],
)
def test_records_that_lie(change: Callable[[bytearray], None], message: str) -> None:
    assert problem(patched(change)) == (Code.BAD_WHEEL, message)


def test_what_is_no_zip() -> None:
    ambiguous = bytes(zipped({"a": b"1"}, comment=b"PK\5\6" + bytes(18)))
    for content in (b"", b"<html>not here</html>" * 9, bytes(zipped({"a": b"1"}))[:-1], ambiguous[:-1]):
        assert problem(content)[1] == "it has no end of central directory, so it is not a zip or was cut short"


def test_something_before_the_zip() -> None:
    assert problem(b"#!/bin/sh\n" + zipped({"a": b"1"}))[1] == (
        "its central directory is not where its end record says"
    )


def zip64(locator_shift: int = 0) -> bytes:
    """One stored member, every size in the zip64 fields."""
    name, data = b"a.py", b"x = 1\n"
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, 0, 0, 0, zlib.crc32(data), len(data), len(data), len(name), 0)
    extra = struct.pack("<2H3Q", 1, 24, len(data), len(data), 0)
    fields = (b"PK\1\2", 45, 45, 0, 0, 0, 0, zlib.crc32(data), 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra))
    central = struct.pack("<4s6H3L5H2L", *fields, 0, 0, 0, 0, 0xFFFFFFFF) + name + extra
    start = len(local) + len(name) + len(data)
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(central), start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, start + len(central) + locator_shift, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return local + name + data + central + end64 + locator + end


def test_zip64() -> None:
    archive = Archive(Bytes(zip64()), NAME)
    (member,) = archive.members
    assert (member.name, member.size, archive.read(member)) == ("a.py", 6, b"x = 1\n")
    with zipfile.ZipFile(io.BytesIO(zip64())) as expected:
        assert expected.read("a.py") == b"x = 1\n"
    assert problem(zip64(1))[1] == "its zip64 end record is not where its locator says"


def test_members_that_do_not_match_their_checksum(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "alpha", compression=zipfile.ZIP_STORED)
    wheel.write_bytes(wheel.read_bytes().replace(b"A distribution made", b"A distribution MADE"))
    with pytest.raises(SlspackError) as caught:
        read_facts(wheel, Digest("0" * 64))
    assert caught.value.findings[0].message == (
        f"`{NAME}` is not a valid wheel: its `alpha-1.0.dist-info/METADATA` does not match its checksum"
    )


def test_folders_are_no_members(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "alpha", files={"alpha/": "", "alpha/a.py": ""})
    names = [member.name for member in read_facts(wheel, Digest("0" * 64)).members]
    assert names[0] == "alpha-1.0.dist-info/METADATA"
    assert "alpha/" not in names

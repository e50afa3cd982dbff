from __future__ import annotations

import struct
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slspack.bundle.strip import stripped
from slspack.check.elf import read_elf
from slspack.model import ArchivePath
from tests.support.elf import make_elf, make_module, with_debug_information

NAME = ArchivePath("fast/_core.abi3.so")
LIBRARY = make_module("_core", wants={"libc.so.6": {"GLIBC_2.38": "strlcpy"}}, soname="lib", runpath="$ORIGIN")


def loaded(content: bytes) -> list[tuple[int, int, bytes]]:
    """The kind, the address and the content of every segment."""
    count = struct.unpack_from("<H", content, 56)[0]
    headers = [struct.unpack_from("<2I6Q", content, 64 + 56 * index) for index in range(count)]
    # The header of the file is part of the first segment, and says where the sections are, which nothing loaded reads.
    same = content[:40] + bytes(8) + content[48:]
    return [(kind, address, same[offset : offset + size]) for kind, _, offset, address, _, size, _, _ in headers]


def test_debug_information_goes_and_nothing_that_is_loaded_does() -> None:
    whole = with_debug_information(LIBRARY, b"where everything was compiled" * 500)
    made = stripped(whole)
    assert len(made) < len(whole) - 14_000
    assert b"compiled" not in made
    assert loaded(made) == loaded(whole)
    assert read_elf(BytesIO(made), NAME) == read_elf(BytesIO(whole), NAME)


def test_stripping_again_changes_nothing() -> None:
    made = stripped(with_debug_information(LIBRARY, bytes(5000)))
    assert stripped(made) == made


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no ELF file",
        make_elf(program=True, payload=1000),
        make_elf(sections=False),
        with_debug_information(LIBRARY, bytes(5000)) + b"something behind the end",
        with_debug_information(LIBRARY, bytes(5000))[:-100],
    ],
    ids=["empty", "text", "program", "no sections", "overlay", "cut short"],
)
def test_what_is_not_understood_stays_as_it_is(content: bytes) -> None:
    assert stripped(content) == content


@given(st.data())
@settings(deadline=None)
def test_no_damage_raises(data: st.DataObject) -> None:
    content = bytearray(with_debug_information(LIBRARY, bytes(300)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert len(stripped(bytes(content))) <= len(content)

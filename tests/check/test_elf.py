from __future__ import annotations

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from slspack.check.elf import read_elf
from slspack.model import ArchivePath, ElfFile, ElfKind, NeededVersion
from tests.support.elf import make_elf, make_module

WANTS = {"libc.so.6": {"GLIBC_2.2.5": "malloc", "GLIBC_2.38": "strlcpy"}, "libm.so.6": {"GLIBC_2.29": "exp"}}


def read(content: bytes, name: str = "pkg/_x.so") -> ElfFile:
    return read_elf(BytesIO(content), ArchivePath(name))


def test_everything_that_the_loader_asks_for_is_read() -> None:
    elf = read(
        make_module(
            "_x",
            needed=["libm.so.6", "libc.so.6"],
            wants=WANTS,
            soname="lib_x.so.1",
            runpath="$ORIGIN/../x.libs:/opt/lib",
            defines=["X_1", "X_2"],
        ),
        "pkg/_x.cpython-313-x86_64-linux-gnu.so",
    )
    assert elf == ElfFile(
        ArchivePath("pkg/_x.cpython-313-x86_64-linux-gnu.so"),
        ElfKind.LIBRARY,
        "x86_64",
        module=True,
        soname="lib_x.so.1",
        needed=("libm.so.6", "libc.so.6"),
        search=("$ORIGIN/../x.libs", "/opt/lib"),
        wants=(
            NeededVersion("libc.so.6", "GLIBC_2.2.5"),
            NeededVersion("libc.so.6", "GLIBC_2.38", "strlcpy"),
            NeededVersion("libm.so.6", "GLIBC_2.29", "exp"),
        ),
        defines=("X_1", "X_2"),
    )


def test_without_section_headers_only_the_symbols_names_are_unknown() -> None:
    elf = read(make_elf(wants=WANTS, sections=False))
    assert [(want.version, want.symbol) for want in elf.wants] == [
        ("GLIBC_2.2.5", None),
        ("GLIBC_2.38", None),
        ("GLIBC_2.29", None),
    ]


def test_a_version_that_is_only_wanted_weakly_is_not_needed() -> None:
    elf = read(make_elf(wants=WANTS, weak=["GLIBC_2.38"]))
    assert [want.version for want in elf.wants] == ["GLIBC_2.2.5", "GLIBC_2.29"]


def test_a_library_without_the_init_function_of_its_name_is_no_module() -> None:
    assert not read(make_module("_y"), "pkg/_x.so").module
    assert read(make_module("_x"), "pkg/_x.abi3.so").module
    assert not read(make_module("_x", program=True), "pkg/_x").module


def test_programs_are_told_from_libraries() -> None:
    loader = "/lib64/ld-linux-x86-64.so.2"
    assert read(make_elf(program=True, loader=loader), "bin/tool").kind is ElfKind.PROGRAM
    assert read(make_elf(loader=loader), "bin/tool").kind is ElfKind.PROGRAM
    assert read(make_elf(loader=loader), "lib/libc.so.6").kind is ElfKind.LIBRARY
    assert read(make_elf(loader=loader), "bin/tool").loader == loader


def test_machines_have_the_names_that_uname_gives_them() -> None:
    assert [read(make_elf(machine=name)).machine for name in ("x86_64", "aarch64", "i386", "riscv")] == [
        "x86_64",
        "aarch64",
        "i386",
        "riscv",
    ]


def test_a_load_segment_out_of_line_with_its_alignment_is_seen() -> None:
    assert read(make_elf()).aligned
    good = make_elf()
    at = good.index(b"\x01\0\0\0\x05\0\0\0", 64)
    assert not read(good[: at + 16] + b"\x08" + good[at + 17 :]).aligned


def test_what_is_cut_short_is_damaged() -> None:
    whole = make_module("_x", wants=WANTS)
    assert read(whole[:40]).kind is ElfKind.DAMAGED
    assert read(whole[: whole.index(b"libc.so.6")]).kind is ElfKind.DAMAGED
    assert read(b"\x7fELF and no more").kind is ElfKind.DAMAGED


@given(st.data())
def test_no_damage_is_more_than_damage(data: st.DataObject) -> None:
    content = bytearray(make_module("_x", wants=WANTS, defines=["X_1"]))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(read(bytes(content)), ElfFile)

"""Reads of an ELF file what decides whether it can be loaded.

Header, segments and sections are read by pyelftools. The tables that the dynamic loader uses are found as it finds
them, through the addresses of the dynamic segment: a file need not have section headers.
"""

from __future__ import annotations

import struct
from array import array
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from slspack.model import ArchivePath, ElfFile, ElfKind, NeededVersion
from slspack.targets import is_everywhere

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elftools.elf.elffile import ELFFile
    from elftools.elf.segments import Segment

MAGIC = b"\x7fELF"

_MACHINES = {"EM_X86_64": "x86_64", "EM_AARCH64": "aarch64", "EM_386": "i386"}
# Tags of the dynamic segment, from the System V ABI and the GNU extensions of it.
_NEEDED, _STRTAB, _STRSZ, _SONAME, _RPATH, _RUNPATH = 1, 5, 10, 14, 15, 29
_FLAGS_1, _VERDEF, _VERDEFNUM, _VERNEED, _VERNEEDNUM = 0x6FFFFFFB, 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
_POSITION_INDEPENDENT_PROGRAM = 0x08000000
_WEAK = 2
_BASE = 1
_MOST_ENTRIES = 1 << 12


class _Table(NamedTuple):
    """What a file's dynamic segment says: values by tag, and the strings that it refers to."""

    values: dict[int, list[int]]
    strings: bytes

    def first(self, tag: int) -> int | None:
        found = self.values.get(tag)
        return found[0] if found else None

    def text(self, offset: int) -> str:
        return self.strings[offset : self.strings.index(b"\0", offset)].decode("utf-8", "replace")

    def texts(self, tag: int) -> tuple[str, ...]:
        return tuple(self.text(offset) for offset in self.values.get(tag, ()))


def read_elf(stream: BinaryIO, name: ArchivePath) -> ElfFile:
    """The facts of a file that begins with `MAGIC`, of any machine; one that cannot be understood is DAMAGED."""
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        return _read(ELFFile(stream), name)
    except (ELFError, struct.error, ValueError, LookupError, TypeError, AttributeError, OverflowError, MemoryError):
        return ElfFile(name, ElfKind.DAMAGED, "")


def _read(elf: ELFFile, name: ArchivePath) -> ElfFile:
    from elftools.elf.segments import InterpSegment

    machine = _MACHINES.get(str(elf["e_machine"]), str(elf["e_machine"]).removeprefix("EM_").lower())
    if elf["e_type"] not in ("ET_DYN", "ET_EXEC"):
        return ElfFile(name, ElfKind.OTHER, machine)
    segments = list(elf.iter_segments())
    loader = next((s.get_interp_name() for s in segments if isinstance(s, InterpSegment)), None)
    table = next((_dynamic(elf, s) for s in segments if s["p_type"] == "PT_DYNAMIC"), _Table({}, b""))
    kind = _kind(elf, table, name, loader)
    sonames = table.texts(_SONAME)
    wants = _wants(elf, table)
    return ElfFile(
        name,
        kind,
        machine,
        module=kind is ElfKind.LIBRARY and _has_init(table.strings, name),
        aligned=all(_is_aligned(segment) for segment in segments if segment["p_type"] == "PT_LOAD"),
        loader=loader,
        soname=sonames[0] if sonames else None,
        needed=table.texts(_NEEDED),
        search=tuple(p for text in (*table.texts(_RPATH), *table.texts(_RUNPATH)) for p in text.split(":") if p),
        wants=tuple(_with_symbols(elf, wants)),
        defines=tuple(_defines(elf, table)),
    )


def _kind(elf: ELFFile, table: _Table, name: ArchivePath, loader: str | None) -> ElfKind:
    if elf["e_type"] == "ET_EXEC" or (table.first(_FLAGS_1) or 0) & _POSITION_INDEPENDENT_PROGRAM:
        return ElfKind.PROGRAM
    if loader is not None and ".so" not in name.rpartition("/")[2]:
        return ElfKind.PROGRAM
    return ElfKind.LIBRARY


def _is_aligned(segment: Segment) -> bool:
    """System V ABI: `p_vaddr` equals `p_offset`, modulo `p_align`."""
    align: int = segment["p_align"]
    return align < 2 or int(segment["p_vaddr"] - segment["p_offset"]) % align == 0


def _has_init(strings: bytes, name: ArchivePath) -> bool:
    """PEP 489: a module exports `PyInit_NAME`, or `PyInitU_` and its punycode where the name is not ASCII."""
    stem = name.rpartition("/")[2].partition(".")[0]
    if stem.isascii():
        return b"\0PyInit_" + stem.encode() + b"\0" in strings
    return b"\0PyInitU_" in strings


def _dynamic(elf: ELFFile, segment: Segment) -> _Table:
    size: int = segment["p_filesz"]
    word = 8 if elf.elfclass == 64 else 4
    pair = struct.Struct(("<" if elf.little_endian else ">") + ("qQ" if word == 8 else "iI"))
    data = _bytes_at(elf, segment["p_offset"], size - size % pair.size)
    values: dict[int, list[int]] = {}
    for tag, value in pair.iter_unpack(data):
        if tag == 0:
            break
        values.setdefault(tag & 0xFFFFFFFF, []).append(value)
    start, length = values.get(_STRTAB), values.get(_STRSZ)
    strings = _bytes_at(elf, _offset(elf, start[0], length[0]), length[0]) if start and length else b""
    return _Table(values, strings)


def _offset(elf: ELFFile, address: int, size: int = 1) -> int:
    """Where an address of the loaded file stands in it. Raises ValueError where it does not."""
    for offset in elf.address_offsets(address, size):
        return int(offset)
    raise ValueError(f"address {address:#x} is in no segment")


def _bytes_at(elf: ELFFile, offset: int, size: int) -> bytes:
    elf.stream.seek(offset)
    data: bytes = elf.stream.read(size)
    if len(data) != size:
        raise ValueError("the file is cut short")
    return data


def _wants(elf: ELFFile, table: _Table) -> list[tuple[int, NeededVersion]]:
    """The version needs (LSB, "Symbol Versioning", 10.7.5), each with its index, but for the weak ones."""
    found: list[tuple[int, int, NeededVersion]] = []
    address, count = table.first(_VERNEED), table.first(_VERNEEDNUM) or 0
    if address is None:
        return []
    order = "<" if elf.little_endian else ">"
    at = _offset(elf, address)
    for _ in range(min(count, _MOST_ENTRIES)):
        _, versions, file, first, following = struct.unpack(order + "2H3I", _bytes_at(elf, at, 16))
        place = at + first
        for _ in range(versions):
            if len(found) == _MOST_ENTRIES:
                raise ValueError("more versions than any file needs")
            _, flags, index, name, after = struct.unpack(order + "I2H2I", _bytes_at(elf, place, 16))
            found.append((index, flags, NeededVersion(table.text(file), table.text(name))))
            if not after:
                break
            place += after
        if not following:
            break
        at += following
    return [(index, want) for index, flags, want in found if not flags & _WEAK]


def _defines(elf: ELFFile, table: _Table) -> Iterator[str]:
    """The version definitions (LSB 10.7.3) but the file's own name."""
    address, count = table.first(_VERDEF), table.first(_VERDEFNUM) or 0
    if address is None:
        return
    order = "<" if elf.little_endian else ">"
    at = _offset(elf, address)
    for _ in range(min(count, _MOST_ENTRIES)):
        _, flags, _, _, _, first, following = struct.unpack(order + "4H3I", _bytes_at(elf, at, 20))
        if not flags & _BASE:
            yield table.text(struct.unpack(order + "2I", _bytes_at(elf, at + first, 8))[0])
        if not following:
            return
        at += following


def _with_symbols(elf: ELFFile, wants: list[tuple[int, NeededVersion]]) -> Iterator[NeededVersion]:
    """Each need; those that some runtime cannot meet with a symbol, where section headers tell how many there are."""
    from elftools.elf.sections import SymbolTableSection

    rare = {index for index, want in wants if not is_everywhere(want.version)}
    versions = elf.get_section_by_name(".gnu.version") if rare else None
    symbols = elf.get_section_by_name(".dynsym") if versions else None
    if not isinstance(symbols, SymbolTableSection):
        symbols = None
    indices = array("H", versions.data()) if versions else array("H")
    if not elf.little_endian:
        indices.byteswap()
    for index, want in wants:
        symbol = None
        if symbols is not None and index in rare:
            try:
                symbol = str(symbols.get_symbol(indices.index(index)).name) or None
            except ValueError:
                symbol = None
        yield NeededVersion(want.library, want.version, symbol)

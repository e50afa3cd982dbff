"""Reads of an ELF file what decides whether it can be loaded.

The tables that the dynamic loader uses are found as it finds them, through the addresses of the dynamic segment: a file
need not have section headers. Where it has some, pyelftools reads the symbols that an error will name.
"""

from __future__ import annotations

import struct
import sys
from array import array
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from slspack.model import ArchivePath, ElfFile, ElfKind, NeededVersion
from slspack.targets import is_everywhere

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

MAGIC = b"\x7fELF"

_IDENTITY = 16
_64_BIT_LITTLE_ENDIAN = b"\x02\x01"
_ET_EXEC, _ET_DYN = 2, 3
_MACHINES = {62: "x86_64", 183: "aarch64", 3: "i386"}
# Tags of the dynamic segment, from the System V ABI and the GNU extensions of it.
_NEEDED, _STRTAB, _STRSZ, _SONAME, _RPATH, _RUNPATH = 1, 5, 10, 14, 15, 29
_FLAGS_1, _VERDEF, _VERDEFNUM, _VERNEED, _VERNEEDNUM = 0x6FFFFFFB, 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
_POSITION_INDEPENDENT_PROGRAM = 0x08000000
_WEAK = 2
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_HEADER = struct.Struct("<2I6Q")
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


class _Segment(NamedTuple):
    """A program header (System V ABI, `Elf64_Phdr`)."""

    kind: int
    flags: int
    offset: int
    address: int
    physical: int
    size: int
    memory: int
    align: int

    @property
    def is_aligned(self) -> bool:
        """System V ABI: `p_vaddr` equals `p_offset`, modulo `p_align`."""
        return self.align < 2 or (self.address - self.offset) % self.align == 0


class _Image:
    """A 64-bit little-endian file as the loader maps it. pyelftools' own segments read every section header."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self._size = stream.seek(0, 2)
        start, count = struct.unpack("<Q16xH", self.read(32, 8) + self.read(40, 18))
        raw = self.read(start, count * _HEADER.size)
        self.segments = [_Segment(*fields) for fields in _HEADER.iter_unpack(raw)]

    def read(self, offset: int, size: int) -> bytes:
        """Part of the file. Raises ValueError where it does not have it."""
        if offset + size > self._size:
            raise ValueError("the file is cut short")
        self.stream.seek(offset)
        data: bytes = self.stream.read(size)
        return data

    def offset(self, address: int) -> int:
        """Where an address of the loaded file stands in it. Raises ValueError where it does not."""
        for segment in self.segments:
            if segment.kind == _LOAD and segment.address <= address < segment.address + segment.size:
                return address - segment.address + segment.offset
        raise ValueError(f"address {address:#x} is in no segment")


def read_elf(stream: BinaryIO, name: ArchivePath) -> ElfFile:
    """The facts of a file that begins with `MAGIC`, of any machine; one that cannot be understood is DAMAGED."""
    from elftools.common.exceptions import ELFError

    try:
        return _read(stream, name)
    except (ELFError, struct.error, ValueError, LookupError, TypeError, AttributeError, OverflowError, MemoryError):
        return ElfFile(name, ElfKind.DAMAGED, "")


def _read(stream: BinaryIO, name: ArchivePath) -> ElfFile:
    stream.seek(0)
    identity = stream.read(_IDENTITY)
    is_ours = identity[4:6] == _64_BIT_LITTLE_ENDIAN
    kind, code = struct.unpack("<2H" if identity[5] == 1 else ">2H", stream.read(4))
    machine = _machine(code)
    if kind not in (_ET_EXEC, _ET_DYN):
        return ElfFile(name, ElfKind.OTHER, machine)
    if not is_ours:
        # No runtime of Lambda loads it, whatever it wants.
        return ElfFile(name, ElfKind.PROGRAM if kind == _ET_EXEC else ElfKind.LIBRARY, machine)
    image = _Image(stream)
    loader = next((_text(image.read(s.offset, s.size)) for s in image.segments if s.kind == _INTERPRETER), None)
    table = next((_dynamic(image, s) for s in image.segments if s.kind == _DYNAMIC), _Table({}, b""))
    is_program = kind == _ET_EXEC or _is_program(table, name, loader)
    sonames = table.texts(_SONAME)
    wants = _wants(image, table)
    return ElfFile(
        name,
        ElfKind.PROGRAM if is_program else ElfKind.LIBRARY,
        machine,
        module=not is_program and _has_init(table.strings, name),
        aligned=all(segment.is_aligned for segment in image.segments if segment.kind == _LOAD),
        loader=loader,
        soname=sonames[0] if sonames else None,
        needed=table.texts(_NEEDED),
        search=tuple(p for text in (*table.texts(_RPATH), *table.texts(_RUNPATH)) for p in text.split(":") if p),
        wants=tuple(_with_symbols(stream, wants)),
        defines=tuple(_defines(image, table)),
    )


def _machine(code: int) -> str:
    if code in _MACHINES:
        return _MACHINES[code]
    from elftools.elf.enums import ENUM_E_MACHINE

    found = next((text for text, number in ENUM_E_MACHINE.items() if number == code), str(code))
    return str(found).removeprefix("EM_").lower()


def _is_program(table: _Table, name: ArchivePath, loader: str | None) -> bool:
    """Whether a position-independent file is one; libc.so.6 names a loader, too."""
    if (table.first(_FLAGS_1) or 0) & _POSITION_INDEPENDENT_PROGRAM:
        return True
    return loader is not None and ".so" not in name.rpartition("/")[2]


def _has_init(strings: bytes, name: ArchivePath) -> bool:
    """PEP 489: a module exports `PyInit_NAME`, or `PyInitU_` and its punycode where the name is not ASCII."""
    stem = name.rpartition("/")[2].partition(".")[0]
    if stem.isascii():
        return b"\0PyInit_" + stem.encode() + b"\0" in strings
    return b"\0PyInitU_" in strings


def _dynamic(image: _Image, segment: _Segment) -> _Table:
    data = image.read(segment.offset, segment.size - segment.size % 16)
    values: dict[int, list[int]] = {}
    for tag, value in struct.iter_unpack("<qQ", data):
        if tag == 0:
            break
        values.setdefault(tag & 0xFFFFFFFF, []).append(value)
    start, length = values.get(_STRTAB), values.get(_STRSZ)
    strings = image.read(image.offset(start[0]), length[0]) if start and length else b""
    return _Table(values, strings)


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("utf-8", "replace")


def _wants(image: _Image, table: _Table) -> list[tuple[int, NeededVersion]]:
    """The version needs (LSB, "Symbol Versioning", 10.7.5), each with its index, but for the weak ones."""
    found: list[tuple[int, int, NeededVersion]] = []
    address, count = table.first(_VERNEED), table.first(_VERNEEDNUM) or 0
    if address is None:
        return []
    at = image.offset(address)
    for _ in range(min(count, _MOST_ENTRIES)):
        _, versions, file, first, following = struct.unpack("<2H3I", image.read(at, 16))
        place = at + first
        for _ in range(versions):
            if len(found) == _MOST_ENTRIES:
                raise ValueError("more versions than any file needs")
            _, flags, index, name, after = struct.unpack("<I2H2I", image.read(place, 16))
            found.append((index, flags, NeededVersion(table.text(file), table.text(name))))
            if not after:
                break
            place += after
        if not following:
            break
        at += following
    return [(index, want) for index, flags, want in found if not flags & _WEAK]


def _defines(image: _Image, table: _Table) -> Iterator[str]:
    """The version definitions (LSB 10.7.3) but the file's own name."""
    address, count = table.first(_VERDEF), table.first(_VERDEFNUM) or 0
    if address is None:
        return
    at = image.offset(address)
    for _ in range(min(count, _MOST_ENTRIES)):
        _, flags, _, _, _, first, following = struct.unpack("<4H3I", image.read(at, 20))
        if not flags & _BASE:
            yield table.text(struct.unpack("<2I", image.read(at + first, 8))[0])
        if not following:
            return
        at += following


def _with_symbols(stream: BinaryIO, wants: list[tuple[int, NeededVersion]]) -> Iterable[NeededVersion]:
    """Each need; those that some runtime cannot meet with a symbol, where section headers tell how many there are."""
    rare = {index for index, want in wants if not is_everywhere(want.version)}
    names = _symbols(stream, rare) if rare else {}
    return (NeededVersion(want.library, want.version, names.get(index)) for index, want in wants)


def _symbols(stream: BinaryIO, versions: Set[int]) -> dict[int, str]:
    """For each version, by its index, the name of the first symbol that has it."""
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    elf = ELFFile(stream)
    table, symbols = elf.get_section_by_name(".gnu.version"), elf.get_section_by_name(".dynsym")
    if table is None or not isinstance(symbols, SymbolTableSection):
        return {}
    indices = array("H", table.data())
    if sys.byteorder == "big":
        indices.byteswap()
    found = {version: indices.index(version) for version in versions if version in indices}
    return {version: name for version, place in found.items() if (name := str(symbols.get_symbol(place).name))}

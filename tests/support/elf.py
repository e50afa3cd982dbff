"""Tiny ELF files, made byte by byte, so that no test needs a compiler."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MACHINES = {"x86_64": 62, "aarch64": 183, "i386": 3, "riscv": 243}
_LIBRARY, _PROGRAM = 3, 2
_LOAD, _DYNAMIC, _INTERP = 1, 2, 3
_DYNSYM, _STRTAB, _VERSYM = 11, 3, 0x6FFFFFFF


@dataclass
class _Strings:
    data: bytearray = field(default_factory=lambda: bytearray(b"\0"))

    def add(self, text: str) -> int:
        at = len(self.data)
        self.data += text.encode() + b"\0"
        return at


def make_elf(
    *,
    machine: str = "x86_64",
    needed: Sequence[str] = ("libc.so.6",),
    wants: Mapping[str, Mapping[str, str]] | None = None,
    weak: Sequence[str] = (),
    defines: Sequence[str] = (),
    exports: Sequence[str] = (),
    soname: str | None = None,
    runpath: str | None = None,
    loader: str | None = None,
    program: bool = False,
    sections: bool = True,
    payload: int = 0,
) -> bytes:
    """A shared library (or a program) that says so much of itself, with no code in it.

    `wants` has, for each library, its versions and the symbol that needs each; those in `weak` are weak needs.
    """
    strings = _Strings()
    symbols, versions = [(0, 0, 0)], [0]
    needs = _needs(wants or {}, weak, strings, symbols, versions)
    definitions = _definitions((soname or "self", *defines) if defines else (), strings)
    for export in exports:
        symbols.append((strings.add(export), 0x12, 1))
        versions.append(1)
    tags = [(1, strings.add(name)) for name in needed]
    tags += [(14, strings.add(soname))] if soname else []
    tags += [(29, strings.add(runpath))] if runpath else []
    interpreter = loader.encode() + b"\0" if loader else b""
    count = 2 + bool(loader)
    parts: dict[str, tuple[int, bytes]] = {}
    at = 64 + 56 * count
    for name, content in {
        "interp": interpreter,
        "dynstr": bytes(strings.data),
        "dynsym": b"".join(struct.pack("<IBBHQQ", n, info, 0, place, 0, 0) for n, info, place in symbols),
        "versym": struct.pack(f"<{len(versions)}H", *versions),
        "verneed": needs,
        "verdef": definitions,
        "payload": bytes(payload),
    }.items():
        at += -at % 8
        parts[name] = (at, content)
        at += len(content)
    wanted = len(wants or {})
    tags += [(5, parts["dynstr"][0]), (10, len(strings.data)), (6, parts["dynsym"][0]), (11, 24)]
    if wanted:
        tags += [(0x6FFFFFF0, parts["versym"][0]), (0x6FFFFFFE, parts["verneed"][0]), (0x6FFFFFFF, wanted)]
    if defines:
        tags += [(0x6FFFFFFC, parts["verdef"][0]), (0x6FFFFFFD, len(defines) + 1)]
    at += -at % 8
    parts["dynamic"] = (at, b"".join(struct.pack("<qQ", *tag) for tag in [*tags, (0, 0)]))
    at += len(parts["dynamic"][1])
    names = _Strings()
    rows = [
        struct.pack(
            "<2I4Q2I2Q", names.add(name), kind, 2, *2 * (parts[part][0],), len(parts[part][1]), link, 1, 8, size
        )
        for name, kind, part, link, size in (
            (".dynstr", _STRTAB, "dynstr", 0, 0),
            (".dynsym", _DYNSYM, "dynsym", 1, 24),
            (".gnu.version", _VERSYM, "versym", 2, 2),
        )
    ]
    own = names.add(".shstrtab")
    parts["shstrtab"] = (at, bytes(names.data))
    at += len(names.data)
    rows = [bytes(64), *rows, struct.pack("<2I4Q2I2Q", own, _STRTAB, 0, 0, *_sized(parts["shstrtab"]), 0, 0, 1, 0)]
    at += -at % 8
    table = b"".join(rows) if sections else b""
    end = at + len(table)
    header = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    kind = _PROGRAM if program else _LIBRARY
    header += struct.pack(
        "<2HI3QI6H", kind, MACHINES[machine], 1, 0, 64, at, 0, 64, 56, count, 64, len(rows), len(rows) - 1
    )
    if not sections:
        header = header[:40] + bytes(8) + header[48:58] + bytes(6)
    dynamic = parts["dynamic"]
    segments = [
        struct.pack("<2I6Q", _LOAD, 5, 0, 0, 0, end, end, 0x1000),
        struct.pack("<2I6Q", _DYNAMIC, 6, dynamic[0], dynamic[0], dynamic[0], *2 * (len(dynamic[1]),), 8),
    ]
    if loader:
        place = parts["interp"]
        segments.append(struct.pack("<2I6Q", _INTERP, 4, place[0], place[0], place[0], *2 * (len(place[1]),), 1))
    whole = bytearray(end)
    whole[: 64 + 56 * count] = header + b"".join(segments)
    for start, data in parts.values():
        whole[start : start + len(data)] = data
    whole[at:end] = table
    return bytes(whole)


def _needs(
    wants: Mapping[str, Mapping[str, str]],
    weak: Sequence[str],
    strings: _Strings,
    symbols: list[tuple[int, int, int]],
    versions: list[int],
) -> bytes:
    """`.gnu.version_r`; the symbols that it is for are added to the others."""
    needs = b""
    index = 2
    for number, (library, entries) in enumerate(wants.items()):
        auxiliary = b""
        for count, (version, symbol) in enumerate(entries.items()):
            symbols.append((strings.add(symbol), 0x12, 0))
            versions.append(index)
            following = 16 if count + 1 < len(entries) else 0
            flags = 2 if version in weak else 0
            auxiliary += struct.pack("<I2H2I", 0, flags, index, strings.add(version), following)
            index += 1
        following = 16 + len(auxiliary) if number + 1 < len(wants) else 0
        needs += struct.pack("<2H3I", 1, len(entries), strings.add(library), 16, following) + auxiliary
    return needs


def _definitions(names: Sequence[str], strings: _Strings) -> bytes:
    """`.gnu.version_d`, the file's own name first."""
    definitions = b""
    for number, version in enumerate(names):
        following = 28 if number + 1 < len(names) else 0
        name = strings.add(version)
        definitions += struct.pack("<4H3I2I", 1, 1 if number == 0 else 0, number + 1, 1, 0, 20, following, name, 0)
    return definitions


def make_module(name: str, **options: object) -> bytes:
    """A shared library that is the extension module of that name."""
    return make_elf(exports=[f"PyInit_{name}"], **options)  # type: ignore[arg-type]


def _sized(part: tuple[int, bytes]) -> tuple[int, int]:
    return part[0], len(part[1])


def with_debug_information(library: bytes, content: bytes) -> bytes:
    """A library of `make_elf` with one more section, which is not loaded, behind everything else."""
    table, count = struct.unpack_from("<Q", library, 40)[0], struct.unpack_from("<H", library, 60)[0]
    rows = library[table : table + 64 * count]
    section = struct.pack("<2I4Q2I2Q", 0, 1, 0, 0, len(library), len(content), 0, 0, 1, 0)
    moved = library + content
    moved += bytes(-len(moved) % 8)
    header = moved[:40] + struct.pack("<Q", len(moved)) + moved[48:60] + struct.pack("<H", count + 1) + moved[62:]
    return header + rows + section

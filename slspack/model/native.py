"""Native code: what the dynamic loader will want of an ELF file."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.model.names import ArchivePath


class ElfKind(Enum):
    """What an ELF file is for."""

    LIBRARY = "library"
    """Loaded into a process: an extension module, or what one needs."""
    PROGRAM = "program"
    """Started as a process of its own."""
    OTHER = "other"
    """Neither: an object file, a core, code for a device."""
    DAMAGED = "damaged"
    """It begins as an ELF file, and is none."""


@dataclass(frozen=True, slots=True)
class NeededVersion:
    """A version of symbols that a file wants of a library: `GLIBC_2.34` of `libc.so.6`."""

    library: str
    version: str
    symbol: str | None = None
    """One of the symbols that want it."""


@dataclass(frozen=True, slots=True)
class ElfFile:
    """One ELF file of an artifact."""

    name: ArchivePath
    kind: ElfKind
    machine: str
    """As `uname -m` says it where it is one of Lambda's: `x86_64`, `aarch64`; otherwise ELF's own name of it."""
    module: bool = False
    """Whether it has the `PyInit_` function of a Python module of its name."""
    has_twin: bool = False
    """Whether Python source of the same module stands beside it."""
    aligned: bool = True
    """Whether every load segment stands in the file as its alignment wants it."""
    loader: str | None = None
    """The dynamic loader that a program names."""
    soname: str | None = None
    needed: tuple[str, ...] = ()
    """Libraries that are loaded with it (DT_NEEDED)."""
    search: tuple[str, ...] = ()
    """Folders in which those are searched (DT_RPATH, DT_RUNPATH), as they are written: `$ORIGIN/../numpy.libs`."""
    wants: tuple[NeededVersion, ...] = ()
    defines: tuple[str, ...] = ()
    """Versions of its own symbols."""

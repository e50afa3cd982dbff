"""The ELF files of artifacts, each read once: what was found in a segment is kept in the store beside it."""

from __future__ import annotations

import json
import zlib
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import RawIOBase
from typing import TYPE_CHECKING, BinaryIO, cast

from slspack.bundle import find_segment, segment_key
from slspack.bundle.copying import read_range
from slspack.bundle.deflate import inflate, unpack
from slspack.bundle.ziprecords import DEFLATED
from slspack.check.elf import MAGIC, read_elf
from slspack.keys import key_of
from slspack.model import ArchivePath, Digest, ElfFile, ElfKind, FileSource, NeededVersion
from slspack.store import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Set
    from io import FileIO

    from slspack.bundle import Segment
    from slspack.bundle.ziprecords import ZipEntry
    from slspack.model import Entry, Plan, WheelPart
    from slspack.store import Store
    from slspack.tree import ServiceTree

_FORMAT = "native/1"
"""Changes with what is read of an ELF file and with how that is kept."""
_SOURCES = (".py", ".pyi")
_FIRST_BLOCK = 1024
"""So much of deflated data gives its first bytes: the tables before them are smaller."""
_IN_MEMORY = 32 << 20
"""Larger ones are inflated into a temporary file, since they may be larger than any memory budget."""


class NativeFiles:
    """What is known of the native code of wheels and of the service itself."""

    def __init__(self, store: Store, tree: ServiceTree) -> None:
        self._store = store
        self._tree = tree
        self._segments: dict[Digest, tuple[ElfFile, ...] | None] = {}

    def of_part(self, part: WheelPart, segment: Segment | None = None) -> tuple[ElfFile, ...] | None:
        """The ELF files that a wheel brings. None where neither what is known of them nor the segment is at hand."""
        key = segment_key(part.distribution.wheel.sha256, part.selection)
        if key not in self._segments:
            self._segments[key] = self._find(part, key, segment)
        known = self._segments[key]
        return tuple(file for file in known if file.name not in part.without) if known and part.without else known

    def of_plan(self, plan: Plan) -> tuple[ElfFile, ...]:
        """The ELF files among a plan's own entries."""
        names = {entry.name for entry in plan.entries}
        return tuple(found for entry in plan.entries if (found := self._of_entry(entry, names)) is not None)

    def _find(self, part: WheelPart, of_segment: Digest, segment: Segment | None) -> tuple[ElfFile, ...] | None:
        key = key_of(_FORMAT, of_segment)
        content = self._store.read(Kind.NATIVE, key)
        if content is not None:
            with suppress(ValueError):
                return _decode(content)
        segment = segment or find_segment(part.distribution.wheel.sha256, part.selection, self._store)
        if segment is None:
            return None
        files = read_segment(segment)
        # A store that is full has been reported where it mattered; this is only found out again.
        with suppress(OSError):
            self._store.write(Kind.NATIVE, key, _encode(files))
        return files

    def _of_entry(self, entry: Entry, names: Set[ArchivePath]) -> ElfFile | None:
        if entry.name.endswith(_SOURCES) or not isinstance(entry.source, FileSource):
            return None
        path = self._tree.resolve(entry.source.path)
        try:
            with path.open("rb") as stream:
                if stream.read(len(MAGIC)) != MAGIC:
                    return None
                return _read(stream, entry.name, names)
        except OSError:
            return None  # gone since it was planned: writing the artifact says so


class _Memory(RawIOBase):
    """A file in memory. Unlike BytesIO it does not begin by copying what may be 30 MB."""

    def __init__(self, content: bytes | bytearray) -> None:
        super().__init__()
        self._content = memoryview(content)
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._content) if size < 0 else self._at + size
        data = bytes(self._content[self._at : end])
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, len(self._content))[whence]
        return self._at

    def tell(self) -> int:
        return self._at


def read_segment(segment: Segment) -> tuple[ElfFile, ...]:
    """The ELF files of a segment, in its order."""
    found: list[ElfFile] = []
    entries = [(entry, offset) for entry, offset in segment.entries() if not entry.name.endswith(_SOURCES)]
    names = frozenset(entry.name for entry, _ in segment.entries())
    with segment.path.open("rb", buffering=0) as source:
        for entry, offset in entries:
            if _is_elf(entry, offset, source):
                with _content(entry, offset, source) as content:
                    found.append(_read(content, entry.name, names))
    return tuple(found)


def _read(content: BinaryIO, name: ArchivePath, names: Set[ArchivePath]) -> ElfFile:
    elf = read_elf(content, name)
    return replace(elf, has_twin=True) if elf.module and not names.isdisjoint(_twins(name)) else elf


def _twins(name: ArchivePath) -> frozenset[ArchivePath]:
    """Where Python source of an extension module's name would stand."""
    folder, _, file = name.rpartition("/")
    stem = f"{folder}/{file.partition('.')[0]}" if folder else file.partition(".")[0]
    return frozenset({ArchivePath(f"{stem}.py"), ArchivePath(f"{stem}/__init__.py")})


def _is_elf(entry: ZipEntry, offset: int, source: FileIO) -> bool:
    if entry.size < len(MAGIC):
        return False
    source.seek(offset)
    start = source.read(min(entry.data_size, _FIRST_BLOCK))
    if entry.method != DEFLATED:
        return start.startswith(MAGIC)
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(start, len(MAGIC)) == MAGIC


@contextmanager
def _content(entry: ZipEntry, offset: int, source: FileIO) -> Iterator[BinaryIO]:
    """An entry's content: in memory, or in a temporary file where it is large."""
    if entry.size <= _IN_MEMORY:
        source.seek(offset)
        data = source.read(entry.data_size)
        yield cast("BinaryIO", _Memory(unpack(data, entry.size) if entry.method == DEFLATED else data))
        return
    from tempfile import TemporaryFile

    with TemporaryFile() as content:
        raw = read_range(source, offset, entry.data_size)
        for chunk in inflate(raw) if entry.method == DEFLATED else raw:
            content.write(chunk)
        content.seek(0)
        yield content


def _encode(files: tuple[ElfFile, ...]) -> bytes:
    kept = [
        {
            "name": file.name,
            "kind": file.kind.value,
            "machine": file.machine,
            "module": file.module,
            "has_twin": file.has_twin,
            "aligned": file.aligned,
            "loader": file.loader,
            "soname": file.soname,
            "needed": file.needed,
            "search": file.search,
            "wants": [(want.library, want.version, want.symbol) for want in file.wants],
            "defines": file.defines,
        }
        for file in files
    ]
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False).encode()


def _decode(content: bytes) -> tuple[ElfFile, ...]:
    """What `_encode` wrote. Raises ValueError for anything else."""
    try:
        return tuple(
            ElfFile(
                ArchivePath(kept["name"]),
                ElfKind(kept["kind"]),
                kept["machine"],
                module=kept["module"],
                has_twin=kept["has_twin"],
                aligned=kept["aligned"],
                loader=kept["loader"],
                soname=kept["soname"],
                needed=tuple(kept["needed"]),
                search=tuple(kept["search"]),
                wants=tuple(NeededVersion(*want) for want in kept["wants"]),
                defines=tuple(kept["defines"]),
            )
            for kept in json.loads(content)
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not the native code of a wheel") from error

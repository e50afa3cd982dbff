"""Plans and facts for tests that begin at the bundle: what the stages before it would have found out."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

from slspack.model import (
    Architecture,
    ArchivePath,
    Digest,
    Entry,
    FileSource,
    GeneratedSource,
    LockedDistribution,
    Plan,
    Target,
    WheelFacts,
    WheelFile,
    WheelMember,
    WheelPart,
    dist_name,
)
from slspack.wheels.layout import installed_files

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TARGET = Target((3, 13), Architecture.X86_64, (2, 34))


def facts_of(wheel: Path) -> WheelFacts:
    """The facts of a wheel, by the standard library."""
    name, version, *_ = wheel.name.split("-")
    with zipfile.ZipFile(wheel) as archive:
        members = tuple(
            WheelMember(
                info.filename,
                info.file_size,
                info.compress_size,
                info.CRC,
                info.compress_type,
                bool(info.external_attr >> 16 & 0o111),
                info.header_offset,
            )
            for info in sorted(archive.infolist(), key=lambda info: info.filename)
            if not info.is_dir()
        )
    sha256 = Digest(hashlib.sha256(wheel.read_bytes()).hexdigest())
    return WheelFacts(sha256, dist_name(name), version, (), members)


def part_of(facts: WheelFacts, without: Iterable[str] = ()) -> WheelPart:
    """A wheel's part of a plan."""
    wheel = WheelFile(f"{facts.name}.whl", f"https://index.example/{facts.name}.whl", facts.sha256)
    left_out = tuple(ArchivePath(name) for name in without)
    files = [file for file in installed_files(facts) if file.archive not in left_out]
    size = sum(file.member.size for file in files)
    return WheelPart(LockedDistribution(facts.name, facts.version, wheel), len(files), size, left_out)


def generated(name: str, content: bytes, *, executable: bool = False) -> Entry:
    """An entry of content that slspack makes."""
    return Entry(ArchivePath(name), executable, GeneratedSource(content))


def first_party(root: Path, path: str, *, executable: bool = False) -> Entry:
    """An entry of a service's file, under its own path."""
    content = (root / path).read_bytes()
    return Entry(
        ArchivePath(path), executable, FileSource(path, Digest(hashlib.sha256(content).hexdigest()), len(content))
    )


def plan_of(entries: Iterable[Entry] = (), wheels: Iterable[WheelPart] = (), name: str = "orders") -> Plan:
    """A plan of those entries and parts."""
    ordered = tuple(sorted(entries, key=lambda entry: entry.name.encode()))
    parts = tuple(sorted(wheels, key=lambda part: part.distribution.name))
    size = sum(
        entry.source.size if isinstance(entry.source, FileSource) else len(entry.source.content) for entry in ordered
    )
    return Plan(
        name,
        (name,),
        TARGET,
        ordered,
        parts,
        Digest("0" * 64),
        size + sum(part.unzipped_bytes for part in parts),
    )

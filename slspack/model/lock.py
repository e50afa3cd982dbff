"""The lock, and what is known of a wheel without its content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.model.build import Provenance
    from slspack.model.finding import Finding, Location
    from slspack.model.names import Digest, DistName
    from slspack.model.target import Target


@dataclass(frozen=True, slots=True)
class WheelFile:
    """A wheel somewhere to be fetched from. `url` (https or file) never carries credentials."""

    filename: str
    url: str
    sha256: Digest
    size: int | None = None


@dataclass(frozen=True, slots=True)
class LockedDistribution:
    """A distribution pinned for one target, with the one wheel that fits it best."""

    name: DistName
    version: str
    wheel: WheelFile
    built: Provenance | None = None
    """How the wheel was built, where no index has it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A requirement that the user wrote down and whose marker holds for the target."""

    name: DistName
    extras: frozenset[str]
    location: Location
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """Every distribution pinned for one target."""

    target: Target
    distributions: tuple[LockedDistribution, ...]
    """Sorted by name; one version of each."""
    listed: tuple[Listed, ...] = ()
    development: tuple[Listed, ...] = ()
    """Listed only in a development group or file: not for run time, known only for the diagnostics."""
    sources: tuple[str, ...] = ()
    """Every file that it was made from."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class WheelMember:
    """One file of a wheel, as its central directory states it."""

    name: str
    """As it stands in the wheel, before `.data` schemes are mapped."""
    size: int
    compressed_size: int
    crc: int
    method: int
    """ZIP compression method: 0 stored, 8 deflated."""
    executable: bool
    header_offset: int


@dataclass(frozen=True, slots=True)
class WheelFacts:
    """What is known of a wheel without its content: its file list and its METADATA. Kept by the wheel's hash."""

    sha256: Digest
    name: DistName
    version: str
    requires_dist: tuple[str, ...]
    members: tuple[WheelMember, ...]
    """Sorted by name; no directory entries."""
    extras: tuple[str, ...] = ()
    requires_python: str | None = None

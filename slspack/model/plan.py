"""The plan of an artifact, and the artifact."""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model.names import ModuleName
from slspack.model.selection import Selection

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.model.finding import Finding
    from slspack.model.lock import LockedDistribution
    from slspack.model.names import ArchivePath, Digest
    from slspack.model.target import Target


@dataclass(frozen=True, slots=True)
class FileSource:
    """Content that is a file of the service. The hash is of the content when it was planned."""

    path: str
    sha256: Digest
    size: int


@dataclass(frozen=True, slots=True)
class GeneratedSource:
    """Content that slspack makes itself."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One file inside an artifact. Its mode is 0755 if executable, else 0644."""

    name: ArchivePath
    executable: bool
    source: FileSource | GeneratedSource
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WheelPart:
    """The files of one wheel inside an artifact: the selection's segment but for `without` (in another part)."""

    distribution: LockedDistribution
    entries: int
    unzipped_bytes: int
    without: tuple[ArchivePath, ...] = ()
    selection: Selection = field(default_factory=Selection)


@dataclass(frozen=True, slots=True)
class Plan:
    """The content of one artifact, known before a byte is written."""

    name: str
    """The function's, or the service's where all functions share one artifact."""
    functions: tuple[str, ...]
    target: Target | None
    """None for a layer that is a folder, which nothing says of what it is for."""
    entries: tuple[Entry, ...]
    """First-party and generated files, sorted by the bytes of their names."""
    wheels: tuple[WheelPart, ...]
    """Sorted by the distributions' names. The artifact holds `wheels`, then `nested`, then `entries`."""
    fingerprint: Digest
    """Changes when, and only when, the artifact's bytes would."""
    unzipped_bytes: int
    excluded_files: int = 0
    """How many files of the lock's wheels it does not hold: all of the distributions left out, and what is pruned from
    the others; as far as the wheels' file lists are known. A naive package would hold them."""
    excluded_bytes: int = 0
    """Their sizes, unzipped."""
    findings: tuple[Finding, ...] = ()
    nested: tuple[WheelPart, ...] = ()
    """Wheels that stand in an archive inside the artifact, and are unpacked when the function starts."""

    @property
    def all_wheels(self) -> tuple[WheelPart, ...]:
        """Every wheel, wherever it stands."""
        return self.wheels + self.nested


UNPACKER = ModuleName("unzip_requirements")
"""The module of an artifact that unpacks what is nested in it; users of serverless-python-requirements import it."""


class ArtifactFormat(Enum):
    """What is written for each plan."""

    ZIP = "zip"
    DIRECTORY = "dir"


class Check(Enum):
    """How closely a written folder is compared with its record before an update."""

    FILES = "files"
    """Size and time of every file."""
    FOLDERS = "folders"
    """The time of every folder, which tells of files that came, went or were replaced, though not of one that somebody
    wrote into in place. Three to ten times as quick: for updates that follow on each other."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A written artifact. `path` is absolute; `sha256` and `bytes` are of the zip (None and 0 for a directory)."""

    plan: Plan
    path: Path
    sha256: Digest | None
    bytes: int
    cached: bool

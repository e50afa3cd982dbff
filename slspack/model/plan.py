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
class KeptSource:
    """Content that came from elsewhere and lies in the store, as `kept`: an absolute path, of this machine."""

    origin: str
    """Where it came from, for people: a path in an image."""
    kept: str
    sha256: Digest
    size: int


@dataclass(frozen=True, slots=True)
class GeneratedSource:
    """Content that slspack makes itself."""

    content: bytes
    made_of: tuple[int, int] | None = None
    """Size and CRC-32 of what a plugin made it of that does the same to wheels: alike are those made of the same."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file inside an artifact. Its mode is 0755 if executable, else 0644."""

    name: ArchivePath
    executable: bool
    source: FileSource | KeptSource | GeneratedSource
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WheelPart:
    """The files of one wheel inside an artifact: the selection's segment, transformed, but for `without`."""

    distribution: LockedDistribution
    entries: int
    unzipped_bytes: int
    without: tuple[ArchivePath, ...] = ()
    """What another part or the service brings already, and what plugins prune."""
    selection: Selection = field(default_factory=Selection)
    transform: str = ""
    """The key of what changes the wheel's files on their way into the segment; empty for nothing."""

    @property
    def is_measured(self) -> bool:
        """Whether its sizes are known: of what is stripped or transformed they are once its segment is there."""
        return not (self.selection.strip or self.transform)


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
    made_of: tuple[str, ...] = ()
    """Files of the service that plugins have read for it: a change of one changes more than one entry."""
    handlers: tuple[tuple[str, str], ...] = ()
    """The functions whose handler is not the configured one, each with the one that Lambda is to call."""
    finishing: str = ""
    """The key of the plugins that may change the artifact once it is written."""
    nested: tuple[WheelPart, ...] = ()
    """Wheels that stand in an archive inside the artifact, and are unpacked when the function starts."""

    @property
    def all_wheels(self) -> tuple[WheelPart, ...]:
        """Every wheel, wherever it stands."""
        return self.wheels + self.nested

    @property
    def is_measured(self) -> bool:
        """Whether its sizes are known, and not only those of what it is made of."""
        return all(part.is_measured for part in self.all_wheels)


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
class ImageLayer:
    """A layer that slspack made. `digest` is of its uncompressed bytes."""

    holds: str
    """`dependencies` or `code`."""
    digest: str
    bytes: int


@dataclass(frozen=True, slots=True)
class ContainerImage:
    """An image that a daemon was given."""

    reference: str
    """`name:tag`, as the daemon knows it."""
    digest: str
    """`sha256:…` of its configuration: what Docker calls its id."""
    base: str
    base_digest: str
    command: tuple[str, ...]
    layers: tuple[ImageLayer, ...]
    """Those above the base's, the lowest first."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A written artifact. `path` is absolute; `sha256` and `bytes` are of the zip (None and 0 for a directory).

    Of an image `path` is what is written down of it, `bytes` the size of its own layers.
    """

    plan: Plan
    path: Path
    sha256: Digest | None
    bytes: int
    cached: bool
    image: ContainerImage | None = None

"""What every lock format comes to: packages with their files, and the edges by which a target reaches them."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.model import Digest, DistName, Location
    from slspack.registry import IndexFile


@dataclass(frozen=True, slots=True)
class DirectSource:
    """Where a package comes from that no index has: a repository, a folder, an archive."""

    kind: str
    """`git`, `path` (a folder or a file of the service's machine) or `archive` (an address)."""
    reference: str
    """The repository's or the archive's address without a login, or a path relative to the service."""
    revision: str = ""
    """The commit, for `git`."""
    subdirectory: str = ""
    editable: bool = False


@dataclass(frozen=True, slots=True)
class LockedEdge:
    """That something needs a package. Which one of several of that name: `package`, else by versions and source."""

    name: DistName
    marker: str = ""
    extras: frozenset[str] = frozenset()
    versions: tuple[str, ...] = ()
    """PEP 440 specifiers, of which one must hold; empty for any version."""
    source: str = ""
    """`LockedPackage.source` of the one meant; empty for any."""
    package: int | None = None
    """Its place in `LockedPackages.packages`."""
    within: str = ""
    """The extra under which it stands: its marker may name it."""


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One version of one distribution, as a lock file states it."""

    name: DistName
    version: str
    """Empty where only building would tell."""
    location: Location
    files: tuple[IndexFile, ...] = ()
    """Wheels and source distributions. One without an address is looked up in the index by its name and hash."""
    hashes: frozenset[Digest] = frozenset()
    """Instead of `files`: the sha256 of each file of this version that may be taken from the index."""
    edges: Mapping[str, tuple[LockedEdge, ...]] = field(default_factory=dict)
    """What it needs, by extra; `""` for what it needs in any case."""
    markers: tuple[str, ...] = ()
    """It is there for environments where one of them holds; empty for all."""
    source: str = ""
    """Tells apart packages of the same version from several places."""
    index: str | None = field(default=None, repr=False)
    """The only index to ask for it, perhaps with a login in its address; None for those of the configuration."""
    direct: DirectSource | None = None
    first_party: bool = False
    """Whether it is the service's own project: its requirements count, and it is no distribution."""


@dataclass(frozen=True, slots=True)
class LockedPackages:
    """A whole lock file, with the part that is asked for as `roots`."""

    path: str
    packages: tuple[LockedPackage, ...]
    roots: tuple[LockedEdge, ...]
    active: frozenset[str] = frozenset()
    """The extras that markers find active, besides the one under which an edge stands."""

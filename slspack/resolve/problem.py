"""What a resolver is given and gives back, whichever resolver it is."""

from __future__ import annotations

import shutil
from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from slspack.frozen import dataclass
from slspack.model import BuildSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.model import DistName, LockedDistribution, Target
    from slspack.registry import IndexConfiguration, IndexFile
    from slspack.resolve.written import WrittenRequirement


class Upgrade(Enum):
    """Whether a resolution that was kept from before is taken, or everything is resolved anew."""

    KEEP = "keep"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class BuiltOffer:
    """A wheel that was built here. `path` is its content in the store, which has no name that a resolver would know."""

    distribution: LockedDistribution
    path: Path


@dataclass(frozen=True, slots=True)
class Problem:
    """Requirements to be resolved for one target."""

    requirements: tuple[WrittenRequirement, ...]
    constraints: tuple[WrittenRequirement, ...]
    target: Target
    root: Path
    """The service's folder, to which paths in requirements are relative."""
    configuration: IndexConfiguration
    environment: Mapping[str, str] = field(repr=False)
    prereleases: bool = False
    upgrade: Upgrade = Upgrade.KEEP
    built: tuple[BuiltOffer, ...] = ()
    """Wheels that no index has: those of the SOURCE requirements, and of versions that are sdists alone."""

    build: BuildSettings = field(default_factory=BuildSettings)

    def built_for(self, name: DistName, version: str | None = None) -> BuiltOffer | None:
        """The built wheel of that name; of that version, if one is given."""
        from packaging.utils import canonicalize_version

        same = (one for one in self.built if one.distribution.name == name)
        return next(
            (
                one
                for one in same
                if version is None or canonicalize_version(one.distribution.version) == canonicalize_version(version)
            ),
            None,
        )

    def put_built(self, folder: Path) -> None:
        """Put the built wheels into a folder by their own names, for a resolver that looks for them there."""
        for one in self.built:
            shutil.copyfile(one.path, folder / one.distribution.wheel.filename)

    def direct(self, name: DistName) -> WrittenRequirement | None:
        """The first requirement of that name."""
        return next((one for one in self.requirements if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that a resolver decided on. `files` are those to choose from; None where the index is to be asked."""

    name: DistName
    version: str
    files: tuple[IndexFile, ...] | None = None


class Unsolvable(Exception):  # noqa: N818 (it says what is so)
    """No set of versions meets the requirements. The text is the resolver's explanation, without secrets."""

    def __init__(self, explanation: str, without_wheel: tuple[DistName, ...] = ()) -> None:
        super().__init__(explanation)
        self.without_wheel = without_wheel
        """The distributions of which the resolver says that no wheel is usable."""


class Backend(Protocol):
    """A resolver. `excluded` are versions that must not be chosen."""

    def __call__(self, problem: Problem, excluded: Mapping[DistName, tuple[str, ...]]) -> tuple[Candidate, ...]:
        """Decide on a version of everything needed. Raises Unsolvable, MachineError, SlspackError."""

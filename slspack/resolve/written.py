"""Requirements and options as a user wrote them down, parsed."""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.targets import marker_environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.model import DistName, Finding, Location, Target
    from slspack.registry import Login
    from slspack.registry.credentials import Access


WORKSPACE = "workspace:"
"""What the reference to a member of a uv workspace begins with: where that lies, only the workspace's lock tells."""


BY_PLUGINS = "plugins"
"""In place of a file's name: where a requirement stands that no file has."""


class Origin(Enum):
    """Where a requirement's distribution comes from."""

    INDEX = "index"
    WHEEL = "wheel"
    """A wheel by its address or path."""
    SOURCE = "source"
    """Something that must be built first: an editable project, a repository, a folder, an sdist."""


@dataclass(frozen=True, slots=True)
class WrittenRequirement:
    """One requirement with its marker not yet evaluated."""

    name: DistName
    """Empty where only building would tell (a SOURCE without a name)."""
    location: Location
    extras: frozenset[str] = frozenset()
    specifier: str = ""
    """Canonical: sorted, without spaces."""
    marker: str = ""
    """Canonical, or empty."""
    hashes: frozenset[str] = frozenset()
    """`sha256:…`: the files that the user allows; empty for any."""
    origin: Origin = Origin.INDEX
    reference: str = ""
    """The address or the path; of a SOURCE with its `#subdirectory=`. Paths are relative to the service."""
    group: str | None = None
    transitive: bool = False
    """Whether a resolver wrote it, for another line's sake: a pin, but nothing that the user listed."""
    index: str = ""
    """The name of the one index that it may come from, as the project file binds it; empty for any."""
    alternatives: tuple[str, ...] = ()
    """Specifiers of which one must hold, where there are several (Poetry's `||`); `specifier` is then the first."""
    login: Login | None = field(default=None, repr=False)
    """The user and password that stood in the address; `reference` is without them."""

    @property
    def text(self) -> str:
        """The requirement as a line of a requirements file, without hashes."""
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        start = f"{self.name}{extras}{self.specifier}"
        if self.origin is Origin.WHEEL or (self.origin is Origin.SOURCE and self.name):
            start = f"{self.name}{extras} @ {self.reference}"
        elif self.origin is Origin.SOURCE:
            start = f"{self.reference}{extras}"
        return f"{start} ; {self.marker}" if self.marker else start

    @property
    def pinned(self) -> bool:
        """Whether it allows one version only: `==` or `===` without a wildcard, or one wheel or source."""
        if self.origin is not Origin.INDEX:
            return True
        return self.specifier.startswith("==") and "," not in self.specifier and "*" not in self.specifier

    def holds_for(self, target: Target) -> bool:
        """Whether its marker holds on the target; no extra is being asked for."""
        return not self.marker or _holds(self.marker, target)


@dataclass(frozen=True, slots=True)
class WrittenOptions:
    """What the options of requirements files ask for. Addresses may hold credentials: kept out of `repr`."""

    index_url: str | None = field(default=None, repr=False)
    extra_index_urls: tuple[str, ...] = field(default=(), repr=False)
    find_links: tuple[str, ...] = field(default=(), repr=False)
    """Paths of folders and files are relative to the service."""
    trusted_hosts: tuple[str, ...] = ()
    no_index: bool = False
    prereleases: bool = False
    require_hashes: bool = False
    no_binary: tuple[str, ...] = ()
    """Distributions whose wheels do not count; `:all:` for every one."""
    named: tuple[tuple[str, str | None], ...] = field(default=(), repr=False)
    """The project's indexes by their names; None for the default one."""
    accesses: tuple[tuple[str, Access], ...] = ()
    """How they are reached, by their addresses."""


@dataclass(frozen=True, slots=True)
class Written:
    """All that was read from the files of one requirement set."""

    requirements: tuple[WrittenRequirement, ...] = ()
    constraints: tuple[WrittenRequirement, ...] = ()
    options: WrittenOptions = WrittenOptions()
    sources: tuple[str, ...] = ()
    """The files read, in the order of reading."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class RequirementsRead:
    """What a requirement set lists, and where a lock for it is, if there is one."""

    written: Written
    development: Written = Written()
    """What is listed for development only: for the diagnostics."""
    lock: str | None = None
    """A `pylock.toml` to choose from, in place of resolving; relative to the service."""
    files: tuple[str, ...] = ()
    """The files that it was read from, without what they include: a project's without a lock is worth a warning."""
    folder: str = "."
    """Where a lock file made of it belongs."""

    @classmethod
    def of_lines(cls, lines: Iterable[str], path: str) -> RequirementsRead:
        """Requirements (PEP 508), one a line of a file; blank lines and those that begin with `#` do not count.

        Raises SLS0201 with every line that cannot be parsed.
        """
        from slspack.resolve.requirement_line import read_lines

        return cls(Written(read_lines(lines, path), sources=(path,)))


@cache
def _holds(marker: str, target: Target) -> bool:
    from packaging.markers import Marker

    return Marker(marker).evaluate({**marker_environment(target), "extra": ""})

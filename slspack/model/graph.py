"""The module graph: what a handler reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.model.finding import Finding, Location
    from slspack.model.names import ArchivePath, ModuleName


@dataclass(frozen=True, slots=True)
class FirstPartyModule:
    """A module of the service that the handler reaches."""

    name: ModuleName
    path: str
    archive: ArchivePath
    importer: ModuleName | None
    """Who imports it first (breadth first, so that the chain is a shortest one); None for the handler itself."""
    location: Location | None
    """Where that import stands."""


@dataclass(frozen=True, slots=True)
class ExternalImport:
    """An import of a name that is neither first-party nor the standard library's."""

    module: ModuleName
    """The module that must exist: `google.cloud.storage` in `from google.cloud.storage import Client`."""
    names: tuple[str, ...]
    """What a `from` import takes from it, each of which may be a submodule; `*` for a star import."""
    optional: bool
    """Whether its failure is caught (`try`/`except ImportError`, `contextlib.suppress(ImportError)`)."""
    importer: ModuleName
    location: Location
    spelled: bool = False
    """Whether only a string names it: then `module` may end in an attribute, or mean no module at all."""
    beside: str = ""
    """The path of the service's module of that name in the importer's own folder, which is not where Python looks."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A first-party file that is not a module and goes in beside reached ones. `reason` is for `explain`."""

    path: str
    archive: ArchivePath
    reason: str


@dataclass(frozen=True, slots=True)
class ModuleGraph:
    """First-party modules reachable from a handler, and what they import from elsewhere."""

    function: str
    modules: tuple[FirstPartyModule, ...]
    """In the order of discovery, the handler's first."""
    external: tuple[ExternalImport, ...]
    stdlib: tuple[ExternalImport, ...] = ()
    """The first import of each module of the standard library, for `explain`."""
    data: tuple[DataFile, ...] = ()
    findings: tuple[Finding, ...] = ()

"""The service: its functions and how each wants to be bundled."""

from __future__ import annotations

import re
from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model.build import BuildSettings
from slspack.model.indexes import IndexSettings
from slspack.model.layers import ServiceLayers
from slspack.model.selection import Selections

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.model.finding import Finding, Location
    from slspack.model.names import DistName, ModuleName
    from slspack.model.plugin import PluginUse
    from slspack.model.target import Target


@dataclass(frozen=True, slots=True)
class Pattern:
    """One rule of `package.patterns`: the last one whose glob matches a path decides whether it goes in."""

    glob: str
    include: bool
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Handler:
    """A handler as Lambda reads it: what stands before the last dot is the module, `/` in it meaning `.`."""

    text: str
    module: ModuleName
    attribute: str
    location: Location | None = None


class OptionalImports(Enum):
    """Which imports inside distributions count when they name another distribution that the user listed."""

    LISTED = "listed"
    REACHABLE = "reachable"
    NEVER = "never"


class MissingImports(Enum):
    """What an import that nothing provides is."""

    ERROR = "error"
    WARN = "warn"
    IGNORE = "ignore"


class RuntimeProvided(Enum):
    """Whether listed distributions that the Lambda runtime already has are packaged."""

    INCLUDE = "include"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True)
class OptionalPair:
    """`optionalImports` for one pair: imports that `importer` makes of `imported`."""

    importer: DistName
    imported: DistName
    choice: OptionalImports


@dataclass(frozen=True, slots=True)
class MissingRule:
    """`missingImports` for one name: `module` and everything below it."""

    module: ModuleName
    choice: MissingImports


@dataclass(frozen=True, slots=True)
class ModuleOwner:
    """`modules`: which distribution a module is taken from where several provide it."""

    module: ModuleName
    distribution: DistName


@dataclass(frozen=True, slots=True)
class ImportPolicy:
    """How a function's closure is drawn."""

    optional: OptionalImports = OptionalImports.LISTED
    optional_pairs: tuple[OptionalPair, ...] = ()
    missing: MissingImports = MissingImports.ERROR
    missing_rules: tuple[MissingRule, ...] = ()
    runtime_provided: RuntimeProvided = RuntimeProvided.INCLUDE
    owners: tuple[ModuleOwner, ...] = ()
    include_distributions: tuple[DistName, ...] = ()
    """Kept in this function, referenced or not; naming one for some function places it, so that others lose it."""
    exclude_distributions: tuple[DistName, ...] = ()
    """Left out of this function, with what only they needed."""


class Resolver(Enum):
    """Who resolves what is not pinned."""

    UV = "uv"
    PIP_TOOLS = "pip-tools"


class Tool(Enum):
    """A project's own tool that a configuration can tell slspack not to follow."""

    POETRY = "poetry"
    PIPENV = "pipenv"


@dataclass(frozen=True, slots=True)
class RequirementSet:
    """Where a function's requirements stand. Functions with equal sets and targets share one lock."""

    folder: str = "."
    files: tuple[str, ...] = ()
    """Named explicitly; empty means: look in `folder` for the first of the known file names."""
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    resolver: Resolver = Resolver.UV
    without_groups: tuple[str, ...] = ()
    """Taken away from what the other settings choose; `main` is the project's own requirements."""
    only_groups: tuple[str, ...] = ()
    """In place of the project's own requirements and of `groups`."""
    require_lock: bool = False
    """Whether a project file without a lock is an error."""
    ignored_tools: tuple[Tool, ...] = ()
    """Tools whose files do not count unless they are named."""
    added: tuple[str, ...] = ()
    """Requirements (PEP 508) that plugins bring: each counts where the user lists no distribution of its name."""


@dataclass(frozen=True, slots=True)
class ImagePackage:
    """`package` with `type: image`: a function that is deployed as a container image."""

    base: str | None = None
    """What it stands on; None is AWS's own image of the runtime."""
    name: str | None = None
    """The image's repository; None is the service's name with the function's."""


@dataclass(frozen=True, slots=True)
class LocalPackage:
    """A project beside or in the service that is traced as first-party source. Paths are relative to the service."""

    distribution: DistName
    folder: str
    """The project's own; it may lead out of the service."""
    root: str
    """What stands for the artifact's root: `../libs/common/src`."""
    modules: tuple[str, ...]
    """The modules and packages in the root that are the project's: `common`; `company.auth` in a namespace."""

    def holds(self, path: str) -> bool:
        """Whether a module's file is one of the project's."""
        above = "" if self.root == "." else f"{self.root}/"
        places = (f"{above}{name.replace('.', '/')}" for name in self.modules)
        return path.startswith(tuple(f"{place}{end}" for place in places for end in ("/", ".py")))


def is_script(content: bytes) -> bool:
    """Whether a source file has script metadata (PEP 723)."""
    return b"# /// script" in content and re.search(rb"^# /// script\r?$", content, re.MULTILINE) is not None


@dataclass(frozen=True, slots=True)
class Function:
    """One Lambda function that slspack bundles."""

    name: str
    handler: Handler
    target: Target
    requirements: RequirementSet = RequirementSet()
    source_roots: tuple[str, ...] = (".",)
    """Folders that stand for the artifact's root, in the order in which they are searched."""
    packages: tuple[LocalPackage, ...] = ()
    """Local packages among the requirements that are searched after the source roots, and traced like them."""
    vendor: tuple[str, ...] = ()
    """Folders of libraries that go into the artifact's root whole, and are not looked into."""
    entrypoints: tuple[str, ...] = ()
    """The service's own code where the handler lives in a distribution: `app.handler`, or a path `src/app.py`."""
    patterns: tuple[Pattern, ...] = ()
    """The service's, then the function's own."""
    policy: ImportPolicy = ImportPolicy()
    selections: Selections = field(default_factory=Selections)
    opaque_layers: bool = False
    """Whether it has layers that slspack cannot look into."""
    layers: tuple[str, ...] | None = None
    """The service's layers of distributions that it names; None where it leaves that to what it needs."""
    folder_layers: tuple[str, ...] = ()
    """The service's other layers that it names."""
    foreign_layers: int = 0
    """How many layers it has besides, as far as the configuration tells."""
    zipped: bool = False
    """Whether its distributions go in as an archive that is unpacked when the function starts."""
    ephemeral_storage: int = 512
    """What `/tmp` holds, in MB."""
    individually: bool = True
    """Whether it gets an artifact of its own, or is part of the service's."""
    image: ImagePackage | None = None
    """What its artifact is like if that is an image and no zip."""
    native_ignore: tuple[str, ...] = ()
    """Distributions, libraries and files, by name or glob, of which the check of native code says nothing."""
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """How a service uses the store that it shares with others."""

    location: str | None = None
    """The store's folder as it is configured: absolute, with `~`, or relative to the service."""
    max_size: int | None = 10 * 1000**3
    """Bytes that automatic pruning leaves; None for no limit."""
    keep_downloads: bool = True
    """Whether what comes from package indexes is kept for later builds."""
    keep_outputs: bool = True
    """Whether what is made from wheels is kept for later builds."""
    max_versions: int = 0
    """Of how many requirement sets, the last ones used, outputs are kept; 0 for all."""
    invalidate: bool = False
    """Whether everything but wheels is to be made afresh."""


@dataclass(frozen=True, slots=True)
class SkippedFunction:
    """A function that slspack leaves alone, and why: `runtime nodejs20.x`, `image`, `package.artifact`."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """How a service wants to be watched. Both lists are of gitignore(5) patterns, relative to the service."""

    patterns: tuple[str, ...] = ()
    """Watched although git ignores it."""
    ignore: tuple[str, ...] = ()
    """Not watched, on top of what never is."""
    debounce: int = 25
    """Milliseconds of quiet after which a burst of changes counts as one."""
    poll: int = 0
    """Milliseconds between two looks at every file; 0: let the operating system tell."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A line of shell, and where it stands."""

    line: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class HookSettings:
    """What a service wants to be run, in its folder, around what a build does."""

    before_build: Hook | None = None
    after_function: Hook | None = None
    """After the build, once for each function."""
    after_build: Hook | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """The deployable group of functions that one configuration declares. `root` is absolute."""

    name: str
    stage: str
    root: Path
    functions: tuple[Function, ...]
    skipped: tuple[SkippedFunction, ...] = ()
    config_files: tuple[str, ...] = ()
    """Every file that was read to make it, the main one first."""
    config_absent: tuple[str, ...] = ()
    """Every file that was looked for and not found: one that appears may change the service."""
    findings: tuple[Finding, ...] = ()
    cache: CacheSettings = CacheSettings()
    watch: WatchSettings = WatchSettings()
    hooks: HookSettings = HookSettings()
    plugins: tuple[PluginUse, ...] = ()
    build: BuildSettings = field(default_factory=BuildSettings)
    indexes: IndexSettings = field(default_factory=IndexSettings)
    layers: ServiceLayers = field(default_factory=ServiceLayers)

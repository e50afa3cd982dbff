"""The nouns of slspack: frozen values that the stages take and give.

Every path in a value is POSIX and relative to the service's root, unless a docstring says otherwise, so that a value
(and a key made of it) is the same on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.model.build import BuilderChoice, BuilderRule, BuildSettings, ImageSettings, Provenance
    from slspack.model.closure import Closure, ClosureMember, LeftOut, Reason, ReasonKind
    from slspack.model.finding import Finding, Location, Severity
    from slspack.model.graph import DataFile, ExternalImport, FirstPartyModule, ModuleGraph
    from slspack.model.layers import (
        FolderLayer,
        LayerDescription,
        PlannedLayer,
        RequirementLayer,
        ServiceLayers,
        logical_id,
    )
    from slspack.model.lock import Listed, Lock, LockedDistribution, WheelFacts, WheelFile, WheelMember
    from slspack.model.names import ArchivePath, Digest, DistName, ModuleName, dist_name
    from slspack.model.native import ElfFile, ElfKind, NeededVersion
    from slspack.model.plan import (
        UNPACKER,
        Artifact,
        ArtifactFormat,
        Check,
        Entry,
        FileSource,
        GeneratedSource,
        Plan,
        WheelPart,
    )
    from slspack.model.selection import DistributionPatterns, Prune, Selection, Selections
    from slspack.model.service import (
        CacheSettings,
        Function,
        Handler,
        Hook,
        HookSettings,
        ImportPolicy,
        MissingImports,
        MissingRule,
        ModuleOwner,
        OptionalImports,
        OptionalPair,
        Pattern,
        RequirementSet,
        Resolver,
        RuntimeProvided,
        Service,
        SkippedFunction,
        Tool,
        WatchSettings,
    )
    from slspack.model.target import Architecture, Target

__all__ = [
    "UNPACKER",
    "Architecture",
    "ArchivePath",
    "Artifact",
    "ArtifactFormat",
    "BuildSettings",
    "BuilderChoice",
    "BuilderRule",
    "CacheSettings",
    "Check",
    "Closure",
    "ClosureMember",
    "DataFile",
    "Digest",
    "DistName",
    "DistributionPatterns",
    "ElfFile",
    "ElfKind",
    "Entry",
    "ExternalImport",
    "FileSource",
    "Finding",
    "FirstPartyModule",
    "FolderLayer",
    "Function",
    "GeneratedSource",
    "Handler",
    "Hook",
    "HookSettings",
    "ImageSettings",
    "ImportPolicy",
    "LayerDescription",
    "LeftOut",
    "Listed",
    "Location",
    "Lock",
    "LockedDistribution",
    "MissingImports",
    "MissingRule",
    "ModuleGraph",
    "ModuleName",
    "ModuleOwner",
    "NeededVersion",
    "OptionalImports",
    "OptionalPair",
    "Pattern",
    "Plan",
    "PlannedLayer",
    "Provenance",
    "Prune",
    "Reason",
    "ReasonKind",
    "RequirementLayer",
    "RequirementSet",
    "Resolver",
    "RuntimeProvided",
    "Selection",
    "Selections",
    "Service",
    "ServiceLayers",
    "Severity",
    "SkippedFunction",
    "Target",
    "Tool",
    "WatchSettings",
    "WheelFacts",
    "WheelFile",
    "WheelMember",
    "WheelPart",
    "dist_name",
    "logical_id",
]

__getattr__ = exports(
    __name__,
    {
        "build": (
            "BuildSettings",
            "BuilderChoice",
            "BuilderRule",
            "ImageSettings",
            "Provenance",
        ),
        "closure": (
            "Closure",
            "ClosureMember",
            "LeftOut",
            "Reason",
            "ReasonKind",
        ),
        "finding": (
            "Finding",
            "Location",
            "Severity",
        ),
        "graph": (
            "DataFile",
            "ExternalImport",
            "FirstPartyModule",
            "ModuleGraph",
        ),
        "layers": (
            "FolderLayer",
            "LayerDescription",
            "PlannedLayer",
            "RequirementLayer",
            "ServiceLayers",
            "logical_id",
        ),
        "lock": (
            "Listed",
            "Lock",
            "LockedDistribution",
            "WheelFacts",
            "WheelFile",
            "WheelMember",
        ),
        "native": (
            "ElfFile",
            "ElfKind",
            "NeededVersion",
        ),
        "names": (
            "ArchivePath",
            "Digest",
            "DistName",
            "ModuleName",
            "dist_name",
        ),
        "plan": (
            "Artifact",
            "ArtifactFormat",
            "Check",
            "Entry",
            "FileSource",
            "GeneratedSource",
            "Plan",
            "UNPACKER",
            "WheelPart",
        ),
        "selection": (
            "DistributionPatterns",
            "Prune",
            "Selection",
            "Selections",
        ),
        "service": (
            "CacheSettings",
            "Function",
            "Handler",
            "ImportPolicy",
            "MissingImports",
            "MissingRule",
            "ModuleOwner",
            "OptionalImports",
            "OptionalPair",
            "Pattern",
            "RequirementSet",
            "Resolver",
            "RuntimeProvided",
            "Service",
            "SkippedFunction",
            "Tool",
            "Hook",
            "HookSettings",
            "WatchSettings",
        ),
        "target": (
            "Architecture",
            "Target",
        ),
    },
)

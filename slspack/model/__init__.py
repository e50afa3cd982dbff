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
    from slspack.model.lock import Listed, Lock, LockedDistribution, WheelFacts, WheelFile, WheelMember
    from slspack.model.names import ArchivePath, Digest, DistName, ModuleName, dist_name
    from slspack.model.native import ElfFile, ElfKind, NeededVersion
    from slspack.model.plan import (
        Artifact,
        ArtifactFormat,
        Check,
        ContainerImage,
        Entry,
        FileSource,
        GeneratedSource,
        ImageLayer,
        KeptSource,
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
        ImagePackage,
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
    "ContainerImage",
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
    "Function",
    "GeneratedSource",
    "Handler",
    "Hook",
    "HookSettings",
    "ImageLayer",
    "ImagePackage",
    "ImageSettings",
    "ImportPolicy",
    "KeptSource",
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
    "Provenance",
    "Prune",
    "Reason",
    "ReasonKind",
    "RequirementSet",
    "Resolver",
    "RuntimeProvided",
    "Selection",
    "Selections",
    "Service",
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
            "ContainerImage",
            "Entry",
            "FileSource",
            "GeneratedSource",
            "ImageLayer",
            "KeptSource",
            "Plan",
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
            "ImagePackage",
            "WatchSettings",
        ),
        "target": (
            "Architecture",
            "Target",
        ),
    },
)

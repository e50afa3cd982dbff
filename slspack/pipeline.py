"""The walk through the stages: the one place that knows their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slspack.analysis import Analysis
from slspack.model import ArtifactFormat
from slspack.report import Manifest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.config import LoadOptions
    from slspack.model import Artifact, Finding, Plan

OUTPUT_FOLDER = ".slspack/dist"


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build. `folder` and `out` are absolute; no `names` means every function."""

    folder: Path
    load: LoadOptions
    names: tuple[str, ...] = ()
    out: Path | None = None
    format: ArtifactFormat = ArtifactFormat.ZIP


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What was built, and what is worth knowing about it."""

    manifest: Manifest
    artifacts: Mapping[str, Artifact]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The plans of a service's artifacts, by artifact, and the analysis that they rest on."""

    analysis: Analysis
    plans: Mapping[str, Plan]
    findings: tuple[Finding, ...]

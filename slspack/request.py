"""What a build is asked for and what it gives, as the command line and Python code see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slspack.model import ArtifactFormat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.model import Finding
    from slspack.options import LoadOptions
    from slspack.report import Manifest

OUTPUT_FOLDER = ".slspack/dist"


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build. `folder` and `out` are absolute; no `names` means every function."""

    folder: Path
    load: LoadOptions
    names: tuple[str, ...] = ()
    out: Path | None = None
    format: ArtifactFormat = ArtifactFormat.ZIP

    @property
    def output(self) -> Path:
        """Where the artifacts go."""
        return self.out or self.folder / OUTPUT_FOLDER


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What was built, and what is worth knowing about it.

    `reasons` says of each artifact, by its name, why it was written or was not: differences of what its key is made of.
    """

    manifest: Manifest
    findings: tuple[Finding, ...]
    reasons: Mapping[str, tuple[str, ...]]

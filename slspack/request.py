"""What a build is asked for and what it gives, as the command line and Python code see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import ArtifactFormat, Check
from slspack.tree import TREES_FOLDER

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
    check: Check = Check.FILES
    """How closely folders are compared with what was written into them."""
    live: bool = False
    """Whether processes of a local emulator are to serve the folders, and to be told of the update."""
    whole: bool = False
    """Whether functions hold what their layers would, for a tool that attaches none."""
    runs: bool = False
    """Whether a command is to run what was built, and wants the variables that plugins have for it."""

    @property
    def output(self) -> Path:
        """Where the artifacts go."""
        default = OUTPUT_FOLDER if self.format is ArtifactFormat.ZIP else TREES_FOLDER
        return self.out or self.folder / default


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What was built, and what is worth knowing about it.

    `reasons` says of each artifact, by its name, why it was written or was not: differences of what its key is made of.
    """

    manifest: Manifest
    findings: tuple[Finding, ...]
    reasons: Mapping[str, tuple[str, ...]]
    partial: bool = False
    """Whether only some functions were asked for. What the output holds of others stays, in its manifest too."""


def write_manifest(result: BuildResult, output: Path) -> None:
    """Put the manifest beside the artifacts."""
    manifest = result.manifest.beside_last(output) if result.partial else result.manifest
    manifest.write(output)

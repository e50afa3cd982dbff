"""What a build says: the manifest for tools, tables and findings for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.report.making import make_manifest
    from slspack.report.manifest import ArtifactRecord, Manifest, read_records
    from slspack.report.text import merge, print_findings, render, wants_colour

__all__ = [
    "ArtifactRecord",
    "Manifest",
    "make_manifest",
    "merge",
    "print_findings",
    "read_records",
    "render",
    "wants_colour",
]

__getattr__ = exports(
    __name__,
    {
        "making": ("make_manifest",),
        "manifest": ("ArtifactRecord", "Manifest", "read_records"),
        "text": ("merge", "print_findings", "render", "wants_colour"),
    },
)

"""What a build says: the manifest for tools, tables and findings for people."""

from __future__ import annotations

from slspack.report.manifest import SCHEMA, Manifest, make_manifest
from slspack.report.text import merge, print_findings, render, wants_colour

__all__ = ["SCHEMA", "Manifest", "make_manifest", "merge", "print_findings", "render", "wants_colour"]

"""Where a project's modules stand, by the rules of its build backend and without that being run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.builds.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.builds.layouts.places import Layout
    from slspack.model import DistName

__all__ = ["find_layout"]


def find_layout(backend: str, tool: Mapping[str, object], name: DistName, folder: Path) -> Layout | None:
    """The modules that a wheel of the project would hold, top-level names exactly, with the folders they stand in.

    `tool` is `[tool]`. None where the backend is not known, or is told what only a build can do.
    """
    from slspack.builds.layouts import named, setuptools
    from slspack.builds.layouts.hatchling import hatchling_layout

    if backend.startswith("setuptools"):
        return setuptools.setuptools_layout(table(tool, "setuptools"), folder)
    if backend == "hatchling.build":
        return hatchling_layout(table(tool, "hatch", "build"), name, folder)
    if backend.startswith("poetry"):
        return named.poetry_layout(table(tool, "poetry"), name, folder)
    if backend == "uv_build":
        return named.uv_layout(table(tool, "uv", "build-backend"), name, folder)
    if backend.startswith("flit_core"):
        return named.flit_layout(table(tool, "flit", "module"), name, folder)
    if backend == "pdm.backend":
        return named.pdm_layout(table(tool, "pdm", "build"), folder)
    return None

"""The tools that are compared: one module each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.tools.pex import Pex
from benchmarks.tools.recipe import PipRecipe, UvRecipe
from benchmarks.tools.sam import Sam
from benchmarks.tools.serverless import ServerlessPythonRequirements
from benchmarks.tools.slspack import Slspack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.tools.base import Tool

TOOLS: Mapping[str, Tool] = {
    tool.name: tool for tool in (Slspack(), UvRecipe(), PipRecipe(), Sam(), Pex(), ServerlessPythonRequirements())
}

__all__ = ["TOOLS"]

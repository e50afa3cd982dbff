"""What builds in an image or with a cross-compiler require, resolved and brought here as wheels."""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.model import Location
from slspack.resolve.problem import Problem
from slspack.resolve.requirement_line import parse_requirement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slspack.model import Target
    from slspack.registry import IndexConfiguration
    from slspack.resolve.context import ResolveContext


class BuildNeeds:
    """Gives builders their requirements as wheels by their own names, as `RequirementWheels` says.

    The files live as long as this value. What is a source alone is built in turn, as for any other requirement.
    """

    def __init__(self, context: ResolveContext, configuration: IndexConfiguration) -> None:
        self._context, self._configuration = context, configuration
        self._folder: Path | None = None
        self._known: dict[tuple[tuple[str, ...], Target], tuple[Path, ...]] = {}
        self._one_at_a_time = threading.RLock()

    def __call__(self, requirements: Sequence[str], target: Target) -> Sequence[Path]:
        """Wheels, for the target, of these requirements and of all that they need. Raises as resolving does."""
        key = tuple(sorted(set(requirements))), target
        with self._one_at_a_time:
            if key not in self._known:
                self._known[key] = self._resolved(*key) if requirements else ()
            return self._known[key]

    def _resolved(self, requirements: tuple[str, ...], target: Target) -> tuple[Path, ...]:
        from slspack.resolve.solving import solve
        from slspack.resolve.uv import resolve_with_uv

        at = Location("pyproject.toml")
        parsed = tuple(parse_requirement(text, at) for text in requirements)
        wanted = tuple(one for one in parsed if one.holds_for(target))
        if not wanted:
            return ()
        context = self._context
        problem = Problem(wanted, (), target, context.tree.root, self._configuration, context.environment)
        indexes = context.indexes(self._configuration)
        solved = solve(problem, resolve_with_uv, indexes, {}).distributions
        paths = indexes.wheels.fetch(solved)
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="slspack-needs-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        found = []
        for one in solved:
            place = Path(self._folder, one.wheel.sha256[:16], one.wheel.filename)
            if not place.exists():
                place.parent.mkdir()
                shutil.copyfile(paths[one.wheel.sha256], place)
            found.append(place)
        return tuple(found)

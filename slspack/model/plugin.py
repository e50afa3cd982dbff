"""What a configuration says of plugins, and the values that their hooks are given and give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.model.closure import Closure
    from slspack.model.finding import Location
    from slspack.model.graph import ModuleGraph
    from slspack.model.names import DistName
    from slspack.model.service import Function
    from slspack.model.target import Target


@dataclass(frozen=True, slots=True)
class PluginUse:
    """One item of `plugins` in a configuration, or one `-p` of the command line."""

    name: str
    """A plugin's name, or the path of a Python file: relative to the service, or absolute."""
    blocked: bool = False
    """Whether it was written `!NAME`: a plugin that is installed is not to be loaded."""
    options: str = "{}"
    """The options as written, as JSON with sorted keys."""
    places: tuple[tuple[str, Location], ...] = ()
    """Where each option stands, by its dotted path in the options; the empty path is the options' own place."""
    location: Location | None = None

    @property
    def is_file(self) -> bool:
        """Whether it names a file."""
        return self.name.endswith(".py") or "/" in self.name or "\\" in self.name


@dataclass(frozen=True, slots=True)
class ArtifactDraft:
    """What is to go into one artifact, before its files are chosen: the functions that share it, and what each needs.

    Both mappings are by the functions' names.
    """

    name: str
    functions: tuple[Function, ...]
    target: Target
    graphs: Mapping[str, ModuleGraph]
    closures: Mapping[str, Closure]
    root: str = "/var/task"
    """Where its modules stand when a function runs: `/opt/python` for those of a layer, which has no own files."""


@dataclass(frozen=True, slots=True)
class HandlerWrapper:
    """What goes around a function's handler.

    `source` is a Python module that defines `wrap(handler)`, which is called once, when the handler's module has been
    imported, and gives what Lambda is to call in its place. What it imports must be in the function's closure.
    """

    source: str
    reason: str = ""
    """For `slspack explain` and the plan: why it is there."""
    early: bool = False
    """Whether the module is to be imported before the handler's, because importing it prepares something."""


@dataclass(frozen=True, slots=True)
class Provided:
    """The answer to an import that nobody provides: who does, and why."""

    reason: str
    distribution: DistName | None = None
    """The distribution in the lock that is needed for it; None: it will be there when the function runs."""

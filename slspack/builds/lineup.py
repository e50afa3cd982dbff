"""Which builders may build something, in the order in which they are tried; each is opened when it is first wanted."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import TYPE_CHECKING, cast

from slspack.model import BuilderChoice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from slspack.builds.builder import Builder
    from slspack.builds.isolated import Workplace
    from slspack.builds.project import ProjectFacts
    from slspack.model import BuildSettings

_MODULES = {
    "docker": ("slspack.builds.image", "open_image_builder"),
}


class Builders:
    """The builders of a run, by their names."""

    def __init__(self, settings: BuildSettings, root: Path, workplace: Workplace) -> None:
        self._settings, self._root, self._workplace = settings, root, workplace
        self._opened: dict[str, Builder | None] = {}
        self._opening = threading.Lock()

    def in_turn(self, choice: BuilderChoice, facts: ProjectFacts | None = None) -> Iterator[Builder]:
        """The builders that a choice allows and that are here. What is known of a project changes their order."""
        compiles = facts is not None and facts.compiles is not None
        for name in _order(choice, compiles=compiles):
            builder = self._get(name)
            if builder is not None:
                yield builder

    def _get(self, name: str) -> Builder | None:
        with self._opening:
            if name not in self._opened:
                self._opened[name] = self._open(name)
            return self._opened[name]

    def _open(self, name: str) -> Builder | None:
        if name in ("isolated", "host"):
            from slspack.builds.isolated import HostBuilder, IsolatedBuilder

            return IsolatedBuilder(self._workplace) if name == "isolated" else HostBuilder(self._workplace)
        if name == "cross":
            from slspack.builds.cross import open_cross_builder

            return open_cross_builder(self._workplace)
        module, function = _MODULES[name]
        try:
            opener = cast("_Opener", getattr(import_module(module), function))
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            return None
        return opener(self._settings, self._root, self._workplace.environment)


def _order(choice: BuilderChoice, *, compiles: bool) -> tuple[str, ...]:
    """What looks as if it compiles comes to isolation last: some projects do without their extensions, silently."""
    match choice:
        case BuilderChoice.AUTO:
            return ("docker", "cross", "isolated") if compiles else ("isolated", "docker", "cross")
        case BuilderChoice.CROSS:
            return ("cross",) if compiles else ("isolated", "cross")
        case BuilderChoice.NONE:
            return ()
        case _:
            return (choice.value,)


if TYPE_CHECKING:
    _Opener = Callable[[BuildSettings, Path, Mapping[str, str]], Builder | None]

"""Which builders may build something, in the order in which they are tried; each is opened when it is first wanted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from slspack.model import BuilderChoice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slspack.builds.builder import Builder
    from slspack.builds.isolated import Workplace
    from slspack.builds.project import ProjectFacts
    from slspack.model import BuildSettings


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
            builder = self._get(name, choice)
            if builder is not None:
                yield builder

    def _get(self, name: str, choice: BuilderChoice) -> Builder | None:
        with self._opening:
            if name not in self._opened:
                if name == "docker" and choice is BuilderChoice.AUTO and not self._daemon_answers():
                    return None
                self._opened[name] = self._open(name)
            return self._opened[name]

    def _daemon_answers(self) -> bool:
        """Whether Docker is there to be used; who chooses it by name is told what is amiss by opening it."""
        from slspack.builds.image import daemon_answers

        return daemon_answers(self._workplace.environment)

    def _open(self, name: str) -> Builder | None:
        if name == "docker":
            from slspack.builds.image import open_image_builder

            return open_image_builder(self._settings.image, self._root, self._workplace.environment)
        if name == "cross":
            from slspack.builds.cross import open_cross_builder

            return open_cross_builder(self._workplace)
        from slspack.builds.isolated import HostBuilder, IsolatedBuilder

        return IsolatedBuilder(self._workplace) if name == "isolated" else HostBuilder(self._workplace)


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

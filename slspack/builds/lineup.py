"""Which builders may build something, in the order in which they are tried; each is opened when it is first wanted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from slspack.builds.builder import OfferedBuilder
from slspack.model import BuilderChoice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.builds.builder import Builder, BuildPlace
    from slspack.builds.project import ProjectFacts
    from slspack.model import DistName


class Offers(Protocol):
    """Who knows the builders: the host of plugins, as a rule."""

    def builders(self, choice: BuilderChoice, name: DistName | None, *, compiles: bool) -> tuple[OfferedBuilder, ...]:
        """Those for a distribution, in the order in which they are tried."""


class Builders:
    """The builders of a run, by their names."""

    def __init__(self, place: BuildPlace, offers: Offers) -> None:
        self._place, self._offers = place, offers
        self._opened: dict[str, Builder] = {}
        self._opening = threading.Lock()

    def in_turn(
        self, choice: BuilderChoice, name: DistName | None, facts: ProjectFacts | None = None
    ) -> Iterator[Builder]:
        """The builders that a choice allows and that are here. What is known of a project changes their order."""
        if choice is BuilderChoice.NONE:
            return
        compiles = facts is not None and facts.compiles is not None
        for offered in self._offers.builders(choice, name, compiles=compiles):
            builder = self._get(offered)
            if builder is not None:
                yield builder

    def _get(self, offered: OfferedBuilder) -> Builder | None:
        with self._opening:
            if offered.name not in self._opened:
                opened = offered.open(self._place)
                if opened is None:
                    return None
                self._opened[offered.name] = opened
            return self._opened[offered.name]


def own_builders(choice: BuilderChoice, name: DistName | None, *, compiles: bool) -> tuple[OfferedBuilder, ...]:
    """slspack's own, whichever distribution it is.

    What looks as if it compiles comes to isolation last: some projects do without their extensions, silently.
    """
    match choice:
        case BuilderChoice.AUTO:
            # Who chooses Docker by name is told what is amiss with it; here it is only taken where it answers.
            docker = OfferedBuilder("docker", _open_docker_that_answers)
            return (docker, _CROSS, _ISOLATED) if compiles else (_ISOLATED, docker, _CROSS)
        case BuilderChoice.CROSS:
            return (_CROSS,) if compiles else (_ISOLATED, _CROSS)
        case BuilderChoice.DOCKER:
            return (OfferedBuilder("docker", _open_docker),)
        case BuilderChoice.HOST:
            return (OfferedBuilder("host", _open_host),)
        case BuilderChoice.NONE:
            return ()


def _open_docker_that_answers(place: BuildPlace) -> Builder | None:
    from slspack.builds.image import daemon_answers

    return _open_docker(place) if daemon_answers(place.workplace.environment) else None


def _open_docker(place: BuildPlace) -> Builder:
    from slspack.builds.image import open_image_builder

    return open_image_builder(place.settings.image, place.root, place.workplace.environment)


def _open_cross(place: BuildPlace) -> Builder | None:
    from slspack.builds.cross import open_cross_builder

    return open_cross_builder(place.workplace)


def _open_isolated(place: BuildPlace) -> Builder:
    from slspack.builds.isolated import IsolatedBuilder

    return IsolatedBuilder(place.workplace)


def _open_host(place: BuildPlace) -> Builder:
    from slspack.builds.isolated import HostBuilder

    return HostBuilder(place.workplace)


_CROSS = OfferedBuilder("cross", _open_cross)
_ISOLATED = OfferedBuilder("isolated", _open_isolated)

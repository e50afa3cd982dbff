"""Which groups and extras of a project a requirement set asks for, whatever the tool calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import dist_name

if TYPE_CHECKING:
    from slspack.model import DistName, RequirementSet

MAIN = frozenset({"main", "default", "packages"})
"""What Poetry, PDM and Pipenv call the requirements that are in no group."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The parts of a project that are needed at run time. Names are normalised."""

    main: bool
    """Whether the project's own requirements are among them."""
    groups: tuple[DistName, ...]
    extras: tuple[DistName, ...]

    def names(self, main: str) -> frozenset[str]:
        """All of them for a format that keeps one list, in which `main` stands for the project's own requirements."""
        return frozenset((*self.groups, *self.extras, *((main,) if self.main else ())))


def chosen(asked: RequirementSet) -> Chosen:
    """`groups` add to the project's own requirements, `onlyGroups` stand for all, `withoutGroups` take away."""
    without = {dist_name(name) for name in asked.without_groups}
    only = tuple(dict.fromkeys(map(dist_name, asked.only_groups)))
    wanted = only or tuple(dict.fromkeys(map(dist_name, asked.groups)))
    main = (not only or bool(MAIN & set(only))) and not MAIN & without
    groups = tuple(name for name in wanted if name not in without and name not in MAIN)
    return Chosen(main, groups, tuple(dict.fromkeys(map(dist_name, asked.extras))))

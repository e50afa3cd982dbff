"""`package.patterns` with the Framework's meaning: every pattern in order, the last one that matches decides."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from slspack.bundle.routes import routes_of
from slspack.excludes import excluded_file, excluded_folder
from slspack.frozen import dataclass
from slspack.globs import compile_glob

if TYPE_CHECKING:
    from slspack.bundle.routes import Route
    from slspack.globs import Glob
    from slspack.model import Pattern

_LITERAL_ENDING = re.compile(r"(?:.*/)?[^/*?\[\](){}!+@|\\]+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled pattern."""

    pattern: Pattern
    glob: Glob
    routes: tuple[Route, ...]
    """How a walk finds what it adds; none for a negated one."""

    def matches(self, path: str) -> bool:
        """Whether it matches a file.

        A negated pattern that ends in a plain name (`!docs`) means the files of such a folder too: so it is in the
        Framework, whose search does not enter that folder. Without the `!` a folder's name adds nothing there.
        """
        if self.glob.matches(path):
            return True
        if self.pattern.include or not _LITERAL_ENDING.fullmatch(self.glob.text):
            return False
        return any(self.glob.matches(path[:i]) for i, char in enumerate(path) if char == "/")

    def takes_out_all_below(self, folder: str) -> bool:
        """Whether a negated pattern matches every file below a folder, as far as that is cheap to see."""
        if self.pattern.include or self.glob.text.startswith("!"):
            return False
        ends_deep = self.glob.text == "**" or self.glob.text.endswith("/**")
        return (ends_deep or _LITERAL_ENDING.fullmatch(self.glob.text) is not None) and self.glob.matches(folder)


@lru_cache(maxsize=4096)
def rule_of(pattern: Pattern) -> Rule:
    """Compile a pattern."""
    return Rule(pattern, compile_glob(pattern.glob), routes_of(pattern.glob) if pattern.include else ())


@dataclass(frozen=True, slots=True)
class Rules:
    """Compiled patterns, in their order."""

    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, patterns: tuple[Pattern, ...]) -> Rules:
        """Compile patterns."""
        return cls(tuple(rule_of(pattern) for pattern in patterns))

    def deciding(self, path: str) -> Pattern | None:
        """The last pattern that matches a file; None where all leave it as it is."""
        return next((rule.pattern for rule in reversed(self.rules) if rule.matches(path)), None)

    def front(self) -> Front:
        """The walk's view at the service's root."""
        tracks = (Track(index, route, route.start()) for index, rule in enumerate(self.rules) for route in rule.routes)
        return Front(self.rules, tuple(tracks))


@dataclass(frozen=True, slots=True)
class Track:
    """How far one route of the pattern at `index` has matched."""

    index: int
    route: Route
    positions: frozenset[int]


@dataclass(frozen=True, slots=True)
class Front:
    """What patterns can still add in a folder of the service, given how the way there matched them."""

    rules: tuple[Rule, ...]
    tracks: tuple[Track, ...]
    floor: int = 0
    """Rules before this one count no more here: a later one takes out everything below."""
    named: bool = False
    """Whether a folder on the way is excluded by default, so that only patterns on track, which name it, may add."""

    def enter(self, path: str, name: str) -> Front | None:
        """The front in a folder; None where no pattern can add anything below, so that it need not be listed."""
        if not _alive(self._advance(name, excluded=False), self.floor):
            return None
        floor = max((i + 1 for i, rule in enumerate(self.rules) if rule.takes_out_all_below(path)), default=0)
        floor = max(floor, self.floor)
        excluded = excluded_folder(name) is not None
        tracks = _alive(self._advance(name, excluded=excluded), floor)
        return Front(self.rules, tracks, floor, self.named or excluded) if tracks else None

    def adds(self, path: str, name: str) -> Pattern | None:
        """The pattern that adds a file of the folder, if the last one that matches adds."""
        excluded = excluded_file(name) is not None
        restricted = self.named or excluded
        naming = self._naming(name, excluded=excluded) if restricted else frozenset()
        for index in range(len(self.rules) - 1, self.floor - 1, -1):
            rule = self.rules[index]
            if restricted and rule.pattern.include and index not in naming:
                continue
            if rule.matches(path):
                return rule.pattern if rule.pattern.include else None
        return None

    def _naming(self, name: str, *, excluded: bool) -> frozenset[int]:
        tracks = self._advance(name, excluded=excluded)
        return frozenset(track.index for track in tracks if track.route.accepts(track.positions))

    def _advance(self, name: str, *, excluded: bool) -> tuple[Track, ...]:
        return tuple(
            Track(
                track.index,
                track.route,
                track.route.step_named(track.positions, name) if excluded else track.route.step(track.positions, name),
            )
            for track in self.tracks
        )


def _alive(tracks: tuple[Track, ...], floor: int) -> tuple[Track, ...]:
    """The tracks that can still match something below, of rules that still count."""
    return tuple(track for track in tracks if track.index >= floor and track.route.goes_on(track.positions))

"""The folders that a glob can reach, part by part: where a walk may stop, and what a glob calls by its name."""

from __future__ import annotations

import re
from functools import lru_cache

from slspack.frozen import dataclass
from slspack.globs import Glob, compile_glob
from slspack.globtext import pieces, split

_MOST_ROUTES = 256
_WILD = re.compile(r"[*?\[\](){}!+@\\|]")
_NOT_LITERAL = re.compile(r"\[[^\]]*\]|[!?+*]\(.*\)|\\")


@dataclass(frozen=True, slots=True)
class Part:
    """What stands between two slashes of a glob. `deep` is `**`: any number of parts."""

    glob: Glob
    deep: bool
    literal: bool
    """Whether it holds letters or digits to be matched as they are, so that it calls what it matches by its name."""

    skippable: bool
    """Whether it may match no part at all, as `**` may, and after a `**` also `?(a)`."""

    @property
    def exact(self) -> str | None:
        """The name, if it matches that one only."""
        return None if _WILD.search(self.glob.text) else self.glob.text


@dataclass(frozen=True, slots=True)
class Route:
    """One way through a glob, its braces chosen. Positions are the parts that may match next."""

    parts: tuple[Part, ...]

    def start(self) -> frozenset[int]:
        """The positions at the service's root."""
        return self._with_skips({0})

    def step(self, positions: frozenset[int], name: str) -> frozenset[int]:
        """The positions after a folder or file of that name."""
        after = {i for i in positions if i < len(self.parts) and self.parts[i].deep}
        return self._with_skips(after | self._matching(positions, name))

    def step_named(self, positions: frozenset[int], name: str) -> frozenset[int]:
        """The same, where only a part that calls the name by its letters counts."""
        return self._with_skips({i for i in self._matching(positions, name) if self.parts[i - 1].literal})

    def goes_on(self, positions: frozenset[int]) -> bool:
        """Whether anything below can still match."""
        return any(i < len(self.parts) for i in positions)

    def accepts(self, positions: frozenset[int]) -> bool:
        """Whether the whole path has matched."""
        return len(self.parts) in positions

    def _matching(self, positions: frozenset[int], name: str) -> set[int]:
        candidates = (i for i in positions if i < len(self.parts) and not self.parts[i].deep)
        return {i + 1 for i in candidates if self.parts[i].glob.matches(name)}

    def _with_skips(self, positions: set[int]) -> frozenset[int]:
        reached = set(positions)
        for i in sorted(positions):
            while i < len(self.parts) and self.parts[i].skippable:
                i += 1
                reached.add(i)
        return frozenset(reached)


_ANYWHERE = Route((Part(compile_glob("**"), deep=True, literal=False, skippable=True),))


@lru_cache(maxsize=4096)
def routes_of(glob: str) -> tuple[Route, ...]:
    """The routes of a glob; together they match at least what it matches, never less."""
    if glob.startswith("!"):
        return (_ANYWHERE,)
    chosen = _choices(glob.removeprefix("./"))
    if len(chosen) > _MOST_ROUTES:
        return (_ANYWHERE,)
    return tuple(Route(tuple(part for text in split(choice, "/") for part in _parts(text))) for choice in chosen)


def literal_lead(glob: str) -> str:
    """The path up to the first part with a wildcard: `config/prod` of `config/prod/*.json`."""
    lead = []
    for part in routes_of(glob)[0].parts:
        if part.exact is None or len(routes_of(glob)) > 1:
            break
        lead.append(part.exact)
    return "/".join(lead)


def _parts(text: str) -> tuple[Part, ...]:
    if text == "**" or "/" in text:
        return _ANYWHERE.parts
    if text.startswith("**"):
        return (*_ANYWHERE.parts, *_parts("*" + text.lstrip("*")))
    if "**" in text:  # among alternatives it may have crossed folders: too rare to follow
        return _ANYWHERE.parts
    literal = any(char.isalnum() for char in _NOT_LITERAL.sub("", text))
    glob = compile_glob(text)
    return (Part(glob, deep=False, literal=literal, skippable=glob.matches("")),)


def _choices(glob: str) -> list[str]:
    """Every choice of alternatives among braces, `@(…)` and plain parentheses."""
    found = _first_group(glob)
    if found is None:
        return [glob]
    start, opening, end = found
    separator = "," if glob[opening] == "{" else "|"
    heads = [glob[:start] + choice for choice in split(glob[opening + 1 : end], separator)]
    chosen: list[str] = []
    for head in heads:
        chosen += _choices(head + glob[end + 1 :])
        if len(chosen) > _MOST_ROUTES:
            break
    return chosen


def _first_group(glob: str) -> tuple[int, int, int] | None:
    """Where the first group of alternatives starts, opens and closes; none where a quantifier follows."""
    depth, opening, at = 0, -1, 0
    for piece in pieces(glob):
        if piece in "({":
            if depth == 0:
                opening = at
            depth += 1
        elif piece in ")}" and depth:
            depth -= 1
            before = glob[opening - 1] if opening and glob[opening] == "(" else ""
            body = glob[opening + 1 : at]
            chooses = glob[opening] == "(" or len(split(body, ",")) > 1
            if depth == 0 and chooses and before not in set("!?+*") and glob[at + 1 : at + 2] not in set("?+"):
                return opening - (before == "@"), opening, at
        at += len(piece)
    return None

"""What of a lock file a target reaches, from the roots along the edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Finding, Location, Severity
from slspack.resolve.locks.document import invalid, lowered
from slspack.resolve.locks.formats import refresh_command
from slspack.resolve.locks.markers import any_holds, holds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.model import DistName, Target
    from slspack.resolve.locks.model import LockedEdge, LockedPackage, LockedPackages


def select(locked: LockedPackages, target: Target) -> tuple[LockedPackage, ...]:
    """The distributions of a lock for a target, sorted by name. The service's own projects are walked through.

    Raises SLS0207 with everything that is needed and not locked for the target, or locked in two versions at once.
    """
    from packaging.markers import InvalidMarker

    try:
        return _Walk(locked, target).result()
    except InvalidMarker as error:
        raise invalid(locked.path, Location(locked.path), f"a marker in it is none: {lowered(str(error))}") from None


def conflict_names(package: LockedPackage, extra: str) -> frozenset[str]:
    """What uv's markers call a package that takes part in conflicts, and an extra of it."""
    whole = f"project-{len(package.name)}-{package.name}"
    return frozenset((whole, f"extra-{len(package.name)}-{package.name}-{extra}") if extra else (whole,))


class _Walk:
    def __init__(self, locked: LockedPackages, target: Target) -> None:
        self._locked = locked
        self._target = target
        self._active = locked.active
        self._by_name: dict[DistName, list[int]] = {}
        for place, package in enumerate(locked.packages):
            self._by_name.setdefault(package.name, []).append(place)
        self._missing: dict[DistName, Finding] = {}

    def result(self) -> tuple[LockedPackage, ...]:
        reached = self._reached()
        by_name: dict[DistName, LockedPackage] = {}
        errors = list(self._missing.values())
        for package in (self._locked.packages[place] for place in reached):
            if package.first_party:
                continue
            known = by_name.setdefault(package.name, package)
            if known is not package and (known.version, known.source) != (package.version, package.source):
                errors.append(self._two_versions(known, package))
        if errors:
            raise SlspackError(errors)
        return tuple(by_name[name] for name in sorted(by_name))

    def _reached(self) -> list[int]:
        """Walk again as long as extras come up that markers ask about."""
        while True:
            self._missing.clear()
            seen, active = self._walked()
            if active == self._active:
                return sorted({place for place, _ in seen})
            self._active = active

    def _walked(self) -> tuple[dict[tuple[int, str], None], frozenset[str]]:
        seen: dict[tuple[int, str], None] = {}
        active = set(self._locked.active)
        waiting = list(self._taken(self._locked.roots))
        while waiting:
            step = waiting.pop()
            if step in seen:
                continue
            seen[step] = None
            package = self._locked.packages[step[0]]
            active |= conflict_names(package, step[1])
            waiting += self._taken(package.edges.get(step[1], ()))
        return seen, self._active | active

    def _taken(self, edges: tuple[LockedEdge, ...]) -> Iterator[tuple[int, str]]:
        for edge in edges:
            active = self._active | {edge.within} if edge.within else self._active
            if not holds(edge.marker, self._target, active):
                continue
            found = self._found(edge)
            if not found:
                self._missing.setdefault(edge.name, self._not_locked(edge))
            for place in found:
                yield from ((place, extra) for extra in ("", *sorted(edge.extras)))

    def _found(self, edge: LockedEdge) -> list[int]:
        if edge.package is not None:
            return [edge.package]
        packages = self._locked.packages
        places = [
            place
            for place in self._by_name.get(edge.name, ())
            if (not edge.source or packages[place].source == edge.source)
            and any_holds(packages[place].markers, self._target, self._active)
        ]
        if len(places) > 1 and edge.versions:
            places = [place for place in places if _allowed(packages[place].version, edge.versions)]
        return places

    def _not_locked(self, edge: LockedEdge) -> Finding:
        path = self._locked.path
        message = f"`{path}` does not serve {self._target}: `{edge.name}` is needed there and is not locked"
        hint = f"widen what it is locked for, then `{refresh_command(path)}`"
        return Finding(Code.LOCK_INVALID, Severity.ERROR, message, Location(path), hint)

    def _two_versions(self, one: LockedPackage, other: LockedPackage) -> Finding:
        return Finding(
            Code.LOCK_INVALID,
            Severity.ERROR,
            f"`{self._locked.path}` locks `{one.name}` twice for what is asked for: {one.version} and {other.version}",
            other.location,
            "ask for one of the groups or extras that exclude each other (`groups`, `extras`)",
        )


def _allowed(version: str, specifiers: tuple[str, ...]) -> bool:
    from packaging.specifiers import SpecifierSet

    return any(SpecifierSet(one).contains(version, prereleases=True) for one in specifiers)

"""Which versions a lock file pins: to stay with them, and to tell people what has changed."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.model import Location, dist_name
from slspack.resolve.lines import logical_lines
from slspack.resolve.requirement_line import LineError, parse_requirement
from slspack.resolve.written import WrittenRequirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slspack.model import DistName, Target


@dataclass(frozen=True, slots=True)
class PinChange:
    """What became of a distribution from one lock file to the next. No versions: it is not in that file."""

    name: DistName
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def __str__(self) -> str:
        old, new = ", ".join(self.before), ", ".join(self.after)
        if not self.before:
            return f"+ {self.name} {new}"
        return f"~ {self.name} {old} -> {new}" if self.after else f"- {self.name} {old}"


def pins_of_pylock(text: str) -> tuple[WrittenRequirement, ...]:
    """The pins of a `pylock.toml`; none of one that cannot be read."""
    try:
        packages = tomllib.loads(text).get("packages", [])
    except tomllib.TOMLDecodeError:
        return ()
    at = Location("pylock.toml")
    found = []
    for one in packages if isinstance(packages, list) else []:
        if not isinstance(one, dict) or not {"name", "version"} <= one.keys():
            continue
        name, version, marker = dist_name(str(one["name"])), str(one["version"]), str(one.get("marker", ""))
        found.append(WrittenRequirement(name, at, specifier=f"=={version}", marker=marker))
    return tuple(found)


def pins_of_requirements(text: str) -> tuple[WrittenRequirement, ...]:
    """The pins of a requirements file; what is not a pin in it is passed over."""
    found = []
    for line in logical_lines(text, {}):
        if line.text.startswith(("-", ".")):
            continue
        try:
            one = parse_requirement(line.text.partition(" --hash")[0], Location("requirements.txt", line.line))
        except (LineError, SlspackError):
            continue
        if one.specifier.startswith("=="):
            found.append(one)
    return tuple(found)


def preferences(pins: Iterable[WrittenRequirement], target: Target, let_go: Iterable[DistName]) -> dict[DistName, str]:
    """The versions to stay with on a target; those of `let_go` may be any."""
    free = set(let_go)
    return {one.name: version_of(one) for one in pins if one.name not in free and one.holds_for(target)}


def changes(before: Iterable[WrittenRequirement], after: Iterable[WrittenRequirement]) -> tuple[PinChange, ...]:
    """What differs between the pins of two files, by name."""
    old, new = _versions(before), _versions(after)
    found = (PinChange(name, old.get(name, ()), new.get(name, ())) for name in sorted(old.keys() | new.keys()))
    return tuple(one for one in found if one.before != one.after)


def version_of(pin: WrittenRequirement) -> str:
    """The version that a pin allows."""
    return pin.specifier.lstrip("=")


def _versions(pins: Iterable[WrittenRequirement]) -> Mapping[DistName, tuple[str, ...]]:
    found: dict[DistName, list[str]] = {}
    for one in pins:
        found.setdefault(one.name, []).append(version_of(one))
    return {name: tuple(sorted(set(versions))) for name, versions in found.items()}

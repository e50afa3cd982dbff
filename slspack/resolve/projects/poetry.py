"""What `[tool.poetry]` lists: dependencies with Poetry's own constraints, groups, extras and sources."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slspack.builds.constraints import joined, platform_marker, python_marker, specifiers
from slspack.frozen import dataclass
from slspack.model import dist_name
from slspack.resolve.requirement_line import LineError, parse_requirement
from slspack.resolve.written import Origin, WrittenOptions, WrittenRequirement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.model import DistName, Location

_ELSEWHERE = ("git", "url", "path", "file")


@dataclass(frozen=True, slots=True)
class PoetryTable:
    """`[tool.poetry]`, as far as it says what is needed."""

    dependencies: Mapping[str, object]
    groups: Mapping[DistName, Mapping[str, object]]
    """By normalised name; `dev-dependencies` of old is the group `dev`."""
    extras: Mapping[DistName, tuple[DistName, ...]]
    """By normalised name, the optional dependencies that belong to each."""
    sources: tuple[Mapping[str, object], ...]
    states_dependencies: bool

    def options(self) -> WrittenOptions:
        """The sources that are for any distribution. One of priority `explicit` is only for those that name it."""
        general = [one for one in self.sources if one.get("priority") != "explicit"]
        extra = [one for one in general if one.get("priority") in ("supplemental", "secondary") or one.get("secondary")]
        first = [str(one["url"]) for one in general if one not in extra and "url" in one]
        named_default = any(str(one.get("name", "")).lower() == "pypi" for one in general)
        others = [str(one["url"]) for one in extra if "url" in one]
        if not first or named_default:
            return WrittenOptions(extra_index_urls=(*first, *others))
        return WrittenOptions(index_url=first[0], extra_index_urls=(*first[1:], *others))


def poetry_table(tool: Mapping[str, object]) -> PoetryTable | None:
    """The table in `[tool]`; None where there is none."""
    own = tool.get("poetry")
    if not isinstance(own, dict):
        return None
    groups = {
        dist_name(name): _mapping(_mapping(one).get("dependencies")) for name, one in _mapping(own.get("group")).items()
    }
    if "dev-dependencies" in own:
        groups[dist_name("dev")] = {**_mapping(own["dev-dependencies"]), **groups.get(dist_name("dev"), {})}
    extras = {
        dist_name(name): tuple(dist_name(one) for one in listed if isinstance(one, str))
        for name, listed in _mapping(own.get("extras")).items()
        if isinstance(listed, list)
    }
    sources = own.get("source", [])
    stated = tuple(one for one in sources if isinstance(one, dict)) if isinstance(sources, list) else ()
    return PoetryTable(_mapping(own.get("dependencies")), groups, extras, stated, "dependencies" in own)


def requirements_of(
    name: str, value: object, location: Location, group: str | None
) -> Iterator[tuple[WrittenRequirement, bool]]:
    """One dependency, which may be a list of alternatives by marker; each with whether it is optional.

    Raises LineError.
    """
    for one in value if isinstance(value, list) else [value]:
        stated = {"version": one} if isinstance(one, str) else one
        if not isinstance(stated, dict):
            raise LineError(f"`{name}` is not given a version or a table")
        yield _requirement(name, stated, location, group), stated.get("optional") is True


def with_poetry_source(one: WrittenRequirement, table: PoetryTable) -> WrittenRequirement:
    """A requirement of `[project]` with what `[tool.poetry.dependencies]` says of its name: where it comes from.

    https://python-poetry.org/docs/dependency-specification/ (where `[project]` and Poetry's table are combined)
    """
    stated = next((value for name, value in table.dependencies.items() if dist_name(name) == one.name), None)
    if one.origin is not Origin.INDEX or not isinstance(stated, dict):
        return one
    if any(kind in stated for kind in _ELSEWHERE):
        return _from_elsewhere(one, stated)
    return replace(one, index=str(stated["source"])) if "source" in stated else one


def _requirement(name: str, stated: Mapping[str, object], location: Location, group: str | None) -> WrittenRequirement:
    allowed = _specifiers(name, str(stated.get("version", "*")))
    extras = stated.get("extras")
    try:
        marker = joined(
            str(stated.get("markers", "")),
            python_marker(str(stated["python"])) if "python" in stated else "",
            platform_marker(str(stated["platform"])) if "platform" in stated else "",
        )
    except ValueError as error:
        raise LineError(f"`{name}`: {error}") from None
    parsed = parse_requirement(f"{name}{allowed[0]}{f' ; {marker}' if marker else ''}", location, group=group)
    written = replace(
        parsed,
        extras=frozenset(dist_name(one) for one in extras if isinstance(one, str))
        if isinstance(extras, list)
        else frozenset(),
        alternatives=allowed if len(allowed) > 1 else (),
        index=str(stated.get("source", "")),
    )
    return _from_elsewhere(written, stated)


def _specifiers(name: str, constraint: str) -> tuple[str, ...]:
    try:
        return specifiers(constraint)
    except ValueError as error:
        raise LineError(f"`{name}`: {error}", "Poetry's constraints are like `^1.2`, `~1.2`, `>=1,<2`") from None


def _from_elsewhere(written: WrittenRequirement, stated: Mapping[str, object]) -> WrittenRequirement:
    kind = next((kind for kind in _ELSEWHERE if kind in stated), None)
    if kind is None:
        return written
    reference = str(stated[kind])
    if kind == "url" and urlsplit(reference).path.endswith(".whl"):
        parsed = parse_requirement(f"{written.name} @ {reference}", written.location)
        return replace(written, specifier="", origin=parsed.origin, reference=parsed.reference, login=parsed.login)
    if kind in ("path", "file"):
        reference = posixpath.normpath(posixpath.join(posixpath.dirname(written.location.path), reference))
        origin = Origin.WHEEL if reference.endswith(".whl") else Origin.SOURCE
        return replace(written, specifier="", origin=origin, reference=reference)
    prefix = "git+" if kind == "git" else ""
    revision = next((f"@{stated[key]}" for key in ("rev", "tag", "branch") if key in stated), "")
    inside = f"&subdirectory={stated['subdirectory']}" if stated.get("subdirectory") else ""
    parsed = parse_requirement(f"{prefix}{reference}{revision}#egg={written.name}{inside}", written.location)
    return replace(written, specifier="", origin=Origin.SOURCE, reference=parsed.reference)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}

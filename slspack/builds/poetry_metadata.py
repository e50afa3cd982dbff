"""What `[tool.poetry]` states of a distribution, as poetry-core writes it into wheels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from slspack.builds.constraints import joined, platform_marker, python_marker, specifiers
from slspack.builds.stated import Stated, entry_points, entry_points_text, of_extra
from slspack.builds.tables import items, table, text, texts
from slspack.model import dist_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.model import DistName

_ELSEWHERE = ("git", "url", "path", "file")


def poetry_stated(project: Mapping[str, object], poetry: Mapping[str, object]) -> Stated | None:
    """With what `[project]` has of it, since Poetry 2. None where a requirement cannot be said in PEP 508's words.

    A dependency is by its name alone where it comes from a folder, a repository or an address.
    """
    name = text(project, "name") or text(poetry, "name")
    if not name or "optional-dependencies" in project:
        return None
    extras = {dist_name(extra): frozenset(map(dist_name, texts(table(poetry, "extras"), extra)))
              for extra in table(poetry, "extras")}  # fmt: skip
    requires: list[str] = []
    try:
        for dependency, value in table(poetry, "dependencies").items():
            if dependency.lower() != "python":
                requires += _requires(dependency, value, extras)
    except (ValueError, InvalidRequirement):
        return None
    version = project.get("version", poetry.get("version"))
    return Stated(
        dist_name(name),
        version if isinstance(version, str) else None,
        tuple(requires),
        tuple(sorted(extras)),
        entry_points(project) or _entry_points(poetry),
    )


def _requires(name: str, value: object, extras: Mapping[DistName, frozenset[DistName]]) -> Iterator[str]:
    """One dependency, which may be a list of alternatives by marker. Raises ValueError."""
    for one in value if isinstance(value, list) else [value]:
        stated = {"version": one} if isinstance(one, str) else one
        if not isinstance(stated, dict):
            raise ValueError(f"`{name}` is not given a version or a table")  # noqa: TRY004 (of the user's, not a caller's)
        requirement = _requirement(name, stated)
        if stated.get("optional") is not True:
            yield requirement
            continue
        for extra in sorted(extra for extra, names in extras.items() if dist_name(name) in names):
            yield of_extra(requirement, extra)


def _requirement(name: str, stated: Mapping[str, object]) -> str:
    elsewhere = any(kind in stated for kind in _ELSEWHERE)
    allowed = ("",) if elsewhere else specifiers(str(stated.get("version", "*")))
    if len(allowed) > 1:
        raise ValueError(f"`{name}` may be of one of several ranges")
    marker = joined(
        text(stated, "markers"),
        python_marker(str(stated["python"])) if "python" in stated else "",
        platform_marker(str(stated["platform"])) if "platform" in stated else "",
    )
    named = ",".join(str(one) for one in items(stated.get("extras")))
    return str(Requirement(f"{name}{f'[{named}]' if named else ''}{allowed[0]}{f' ; {marker}' if marker else ''}"))


def _entry_points(poetry: Mapping[str, object]) -> str:
    plugins = table(poetry, "plugins")
    scripts = {
        name: text(value, "reference") if isinstance(value, dict) else value
        for name, value in table(poetry, "scripts").items()
        if not isinstance(value, dict) or value.get("type", "console") == "console"
    }
    return entry_points_text({"console_scripts": scripts} | {group: table(plugins, group) for group in plugins})

"""What a project file states of its distribution: `[project]` (PEP 621), with what setuptools reads from files."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from slspack.builds.tables import items, table, text, texts
from slspack.frozen import dataclass
from slspack.model import DistName, dist_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_NEEDS_STATIC = frozenset({"entry-points", "scripts", "gui-scripts"})


@dataclass(frozen=True, slots=True)
class Stated:
    """A distribution's metadata, as far as resolving and running need it."""

    name: DistName
    version: str | None
    """As written; None where it is to be read elsewhere."""
    requires: tuple[str, ...]
    """`Requires-Dist`, with the markers of extras. What is not from an index stands by its name alone."""
    extras: tuple[str, ...] = ()
    entry_points: str = ""
    files: tuple[str, ...] = ()
    """Other files than `pyproject.toml` that were read, relative to the project's folder."""


def read_stated(document: Mapping[str, object], backend: str, folder: Path) -> Stated | None:
    """By the backend's rules; None where only a build would tell, or a requirement cannot be parsed."""
    project, tool = table(document, "project"), table(document, "tool")
    if backend.startswith("poetry") and "dependencies" not in project:
        from slspack.builds.poetry_metadata import poetry_stated

        return poetry_stated(project, table(tool, "poetry"))
    dynamic = texts(project, "dynamic")
    name = text(project, "name")
    if not name or not _NEEDS_STATIC.isdisjoint(dynamic):
        return None
    listed: Sequence[str] | None = texts(project, "dependencies")
    optional = {dist_name(extra): texts(table(project, "optional-dependencies"), extra)
                for extra in table(project, "optional-dependencies")}  # fmt: skip
    files: tuple[str, ...] = ()
    if not {"dependencies", "optional-dependencies"}.isdisjoint(dynamic):
        if not backend.startswith("setuptools"):
            return None
        read = _Dynamic(table(tool, "setuptools", "dynamic"), folder)
        if "dependencies" in dynamic:
            listed = read.lines("dependencies")
        if "optional-dependencies" in dynamic:
            more = {dist_name(extra): read.lines("optional-dependencies", extra)
                    for extra in table(read.settings, "optional-dependencies")}  # fmt: skip
            optional |= {extra: found for extra, found in more.items() if found is not None}
            listed = None if len(optional) < len(more) or None in more.values() else listed
        files = tuple(read.files)
    if listed is None:
        return None
    try:
        requires = [_by_name(Requirement(one)) for one in listed]
        requires += [of_extra(one, extra) for extra, found in optional.items() for one in found]
    except InvalidRequirement:
        return None
    version = project.get("version")
    return Stated(
        dist_name(name),
        version if isinstance(version, str) else None,
        tuple(requires),
        tuple(sorted(optional)),
        entry_points(project),
        files,
    )


class _Dynamic:
    """Requirements that setuptools reads from files, one a line.

    https://setuptools.pypa.io/en/latest/userguide/pyproject_config.html#dynamic-metadata
    """

    def __init__(self, settings: Mapping[str, object], folder: Path) -> None:
        self.settings, self._folder = settings, folder
        self.files: list[str] = []

    def lines(self, *names: str) -> tuple[str, ...] | None:
        """None where a file is not said, or cannot be read."""
        stated = table(self.settings, *names).get("file")
        found: list[str] = []
        files = [stated] if isinstance(stated, str) else [*items(stated)]
        for file in map(str, files):
            self.files.append(posixpath.normpath(file))
            try:
                content = (self._folder / file).read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                return None
            plain = (line.partition(" #")[0].strip() for line in content.splitlines())
            found += [line for line in plain if line and not line.startswith("#")]
        return tuple(found) if files else None


def of_extra(stated: str, extra: str) -> str:
    """A requirement as it is written for an extra. Raises InvalidRequirement."""
    requirement = Requirement(stated)
    marker = f"({requirement.marker}) and extra == '{extra}'" if requirement.marker else f"extra == '{extra}'"
    requirement.marker = None
    return f"{_by_name(requirement)}; {marker}"


def entry_points(project: Mapping[str, object]) -> str:
    """`entry_points.txt` of `[project]`."""
    groups = {"console_scripts": table(project, "scripts"), "gui_scripts": table(project, "gui-scripts")}
    stated = table(project, "entry-points")
    return entry_points_text(groups | {group: table(stated, group) for group in stated})


def entry_points_text(groups: Mapping[str, Mapping[str, object]]) -> str:
    """The groups that have entries, sorted."""
    return "\n".join(
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in sorted(entries.items()))
        for group, entries in sorted(groups.items())
        if entries
    )


def _by_name(requirement: Requirement) -> str:
    """Where something else than an index has it, that is among the requirements of the service by then."""
    requirement.url = None
    return str(requirement)

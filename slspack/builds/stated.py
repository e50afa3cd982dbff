"""What a project file states of its distribution: `[project]` (PEP 621), with what setuptools reads from files."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

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
    name, version = text(project, "name"), project.get("version")
    read = _Requirements(project, table(tool, "setuptools", "dynamic"), folder)
    if (
        not name
        or not _NEEDS_STATIC.isdisjoint(read.dynamic)
        or (read.in_files and not backend.startswith("setuptools"))
    ):
        return None
    try:
        requires = [_by_name(Requirement(one)) for one in read.main()]
        optional = read.optional()
        requires += [of_extra(one, extra) for extra, found in optional.items() for one in found]
    except (OSError, ValueError):
        return None
    stated = version if isinstance(version, str) else None
    extras = tuple(sorted(optional))
    return Stated(dist_name(name), stated, tuple(requires), extras, entry_points(project), tuple(read.files))


class _Requirements:
    """What `[project]` lists, and what setuptools reads from files where that is dynamic, one requirement a line.

    https://setuptools.pypa.io/en/latest/userguide/pyproject_config.html#dynamic-metadata
    """

    def __init__(self, project: Mapping[str, object], settings: Mapping[str, object], folder: Path) -> None:
        self._project, self._settings, self._folder = project, settings, folder
        self.dynamic = frozenset(texts(project, "dynamic"))
        self.in_files = not self.dynamic.isdisjoint({"dependencies", "optional-dependencies"})
        self.files: list[str] = []

    def main(self) -> Sequence[str]:
        """Without any extra. Raises OSError and ValueError for a file that is not said, or cannot be read."""
        if "dependencies" in self.dynamic:
            return self._lines("dependencies")
        return texts(self._project, "dependencies")

    def optional(self) -> dict[str, Sequence[str]]:
        """By the extras' normalised names. Raises as `main` does."""
        stated = table(self._project, "optional-dependencies")
        found: dict[str, Sequence[str]] = {dist_name(extra): texts(stated, extra) for extra in stated}
        if "optional-dependencies" in self.dynamic:
            for extra in table(self._settings, "optional-dependencies"):
                found[dist_name(extra)] = self._lines("optional-dependencies", extra)
        return found

    def _lines(self, *names: str) -> Sequence[str]:
        stated = table(self._settings, *names).get("file")
        files = [stated] if isinstance(stated, str) else [*map(str, items(stated))]
        if not files:
            raise ValueError(f"`{'.'.join(names)}` is in no file")
        self.files += map(posixpath.normpath, files)
        lines = [line for file in files for line in (self._folder / file).read_text("utf-8").splitlines()]
        plain = [line.partition(" #")[0].strip() for line in lines]
        return [line for line in plain if line and not line.startswith("#")]


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

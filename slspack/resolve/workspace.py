"""The lock of the uv workspace that a project is a member of."""

from __future__ import annotations

import posixpath
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slspack.resolve.pyproject import load_pyproject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.resolve.files import ServiceFiles


def workspace_lock(project: str, files: ServiceFiles) -> str | None:
    """The path of the lock, which may lie above the service; None for a project of its own.

    uv's rule: the nearest folder above whose pyproject.toml has `[tool.uv.workspace]` is the root, if its `members`
    hold the project's folder and its `exclude` does not.
    """
    folder = posixpath.dirname(project) or "."
    for above, inner in _above(folder, files):
        pyproject = load_pyproject(posixpath.join(above, "pyproject.toml"), files)
        workspace = _mapping(_mapping(pyproject.tool.get("uv")).get("workspace")) if pyproject else {}
        if not workspace:
            continue
        member = any(_matches(inner, glob) for glob in _texts(workspace.get("members")))
        excluded = any(_matches(inner, glob) for glob in _texts(workspace.get("exclude")))
        lock = posixpath.normpath(posixpath.join(above, "uv.lock"))
        return lock if member and not excluded and files.is_file(lock) else None
    return None


def _above(folder: str, files: ServiceFiles) -> Iterator[tuple[str, str]]:
    """Each folder above, and the way from there to the project's."""
    place = files.absolute(folder).resolve()
    above = folder
    for parent in place.parents:
        above = posixpath.normpath(posixpath.join(above, ".."))
        yield above, place.relative_to(parent).as_posix()


def _matches(folder: str, glob: str) -> bool:
    """A star of `members` does not cross folders."""
    parts, patterns = folder.split("/"), posixpath.normpath(glob).split("/")
    if patterns[-1] == "**":
        patterns = patterns[:-1] + ["*"] * max(0, len(parts) - len(patterns) + 1)
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()

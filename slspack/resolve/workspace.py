"""The uv workspace that a project is a member of: its lock, and where other members lie."""

from __future__ import annotations

import posixpath
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slspack.model import dist_name
from slspack.resolve.pyproject import load_pyproject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.model import DistName
    from slspack.resolve.files import ServiceFiles


def workspace_lock(project: str, files: ServiceFiles) -> str | None:
    """The path of the lock, which may lie above the service; None for a project of its own."""
    root = _root(posixpath.dirname(project) or ".", files)
    lock = posixpath.normpath(posixpath.join(root, "uv.lock")) if root is not None else ""
    return lock if lock and files.is_file(lock) else None


def workspace_member(project: str, name: DistName, files: ServiceFiles) -> str | None:
    """The folder of the member of that name, in the workspace of a project that is a member or the root."""
    folder = posixpath.dirname(project) or "."
    for root in dict.fromkeys((folder, _root(folder, files))):
        if root is not None:
            for member in _members(root, files):
                pyproject = load_pyproject(posixpath.join(member, "pyproject.toml"), files)
                if pyproject is not None and dist_name(str(pyproject.project.get("name", ""))) == name:
                    return member
    return None


def _root(folder: str, files: ServiceFiles) -> str | None:
    """uv's rule: the nearest folder above whose pyproject.toml has `[tool.uv.workspace]` is the root, if its `members`
    hold the project's folder and its `exclude` does not.
    """
    for above, inner in _above(folder, files):
        workspace = _workspace(above, files)
        if workspace:
            return above if _is_member(inner, workspace) else None
    return None


def _workspace(folder: str, files: ServiceFiles) -> Mapping[str, object]:
    pyproject = load_pyproject(posixpath.join(folder, "pyproject.toml"), files)
    return _mapping(_mapping(pyproject.tool.get("uv")).get("workspace")) if pyproject else {}


def _is_member(inner: str, workspace: Mapping[str, object]) -> bool:
    member = any(_matches(inner, glob) for glob in _texts(workspace.get("members")))
    return member and not any(_matches(inner, glob) for glob in _texts(workspace.get("exclude")))


def _members(root: str, files: ServiceFiles) -> Iterator[str]:
    """The root and its members' folders, as paths relative to the service."""
    yield root
    workspace, place = _workspace(root, files), files.absolute(root)
    for glob in _texts(workspace.get("members")):
        for found in sorted(place.glob(glob)):
            inner = found.relative_to(place).as_posix()
            if found.is_dir() and _is_member(inner, workspace):
                yield posixpath.normpath(posixpath.join(root, inner))


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

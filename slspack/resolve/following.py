"""What local packages need from other folders and repositories: no index has it, so it is asked for beside them."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.errors import SlspackError
from slspack.model import dist_name
from slspack.resolve.groups import Chosen
from slspack.resolve.pyproject import load_pyproject, runtime_requirements
from slspack.resolve.workspace import workspace_member
from slspack.resolve.written import WORKSPACE, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.pyproject import Pyproject
    from slspack.resolve.written import Written, WrittenRequirement


def with_followed(written: Written, files: ServiceFiles) -> Written:
    """The requirements, with what the folders among them take from elsewhere than an index, and so on from there.

    A distribution that is listed already is taken from where the list says. A project file that cannot be read is
    passed over: whoever builds the folder says what is wrong.
    """
    found = [*written.requirements]
    known = {one.name for one in found if one.name}
    queue = [one for one in found if one.origin is Origin.SOURCE]
    seen: set[tuple[str, frozenset[str]]] = set()
    while queue:
        above = queue.pop(0)
        folder = _folder(above)
        if folder is None or (folder, above.extras) in seen:
            continue
        seen.add((folder, above.extras))
        for one in _elsewhere(folder, above, files):
            if one.name not in known:
                known.add(one.name)
                found.append(one)
                queue.append(one)
    return written if len(found) == len(written.requirements) else replace(written, requirements=tuple(found))


def _folder(one: WrittenRequirement) -> str | None:
    from slspack.builds.origins import FolderOrigin, parse_origin

    try:
        origin = parse_origin(one.reference)
    except ValueError:
        return None
    if not isinstance(origin, FolderOrigin):
        return None
    return posixpath.normpath(posixpath.join(origin.path, origin.subdirectory))


def _elsewhere(folder: str, above: WrittenRequirement, files: ServiceFiles) -> Iterator[WrittenRequirement]:
    try:
        pyproject = load_pyproject(posixpath.join(folder, "pyproject.toml"), files)
        if pyproject is None:
            return
        chosen = Chosen(main=True, groups=(), extras=tuple(sorted(map(dist_name, above.extras & _extras(pyproject)))))
        needed = runtime_requirements(pyproject, chosen, files).requirements
    except SlspackError:
        return
    for one in needed:
        placed = one
        if one.reference.startswith(WORKSPACE):
            member = workspace_member(pyproject.path, one.name, files)
            if member is None:
                continue
            placed = replace(one, reference=member)
        if placed.origin is not Origin.INDEX:
            markers = [marker for marker in (above.marker, placed.marker) if marker]
            marker = " and ".join(f"({marker})" for marker in markers) if len(markers) > 1 else "".join(markers)
            yield replace(placed, marker=marker, transitive=True, group=above.group)


def _extras(pyproject: Pyproject) -> frozenset[str]:
    return frozenset((*pyproject.extras, *(pyproject.poetry.extras if pyproject.poetry else ())))

"""hatchling: what a wheel is told to hold, else the package of the project's name.

https://hatch.pypa.io/latest/plugins/builder/wheel/
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from slspack.builds.layouts.places import Places, inside
from slspack.builds.tables import table, texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.builds.layouts.places import Layout
    from slspack.model import DistName

_UNDERSTOOD = frozenset({
    "artifacts", "dev-mode-dirs", "dev-mode-exact", "directory", "exclude", "hooks", "ignore-vcs", "only-include",
    "packages", "reproducible", "skip-excluded-dirs", "sources", "strict-naming", "targets", "versions",
})  # fmt: skip


def hatchling_layout(build: Mapping[str, object], name: DistName, folder: Path) -> Layout | None:
    """By `[tool.hatch.build]` and its `targets.wheel`. What `exclude` leaves out within a package still counts."""
    settings = {**build, **table(build, "targets", "wheel")}
    hooks = {*table(build, "hooks"), *table(build, "targets", "wheel", "hooks")}
    if set(settings) - _UNDERSTOOD or hooks - {"vcs"}:
        return None
    places = Places(folder)
    packages, only = texts(settings, "packages"), texts(settings, "only-include")
    if not packages and not only and "sources" not in settings:
        return _default(name, places)
    stripped = _stripped(settings.get("sources"), packages)
    if stripped is None:
        return None
    for stated in only or packages:
        path = inside(stated)
        if path is None or not _add(path, stripped, places):
            return None
    return places.layout()


def _default(name: DistName, places: Places) -> Layout | None:
    module = name.replace("-", "_")
    for root in (".", "src"):
        same = _spelled(module, root, places)
        if same and places.is_package(posixpath.join(root, same)):
            return places.layout() if places.add(root, same) else None
    single = _spelled(module, ".", places)
    if single and not places.is_folder(single):
        return places.layout() if places.add(".", single) else None
    namespaces = [above for above in places.names(".") if places.is_package(f"{above}/{module}")]
    if len(namespaces) != 1:
        return None
    return places.layout() if places.add(".", f"{namespaces[0]}.{module}") else None


def _spelled(module: str, root: str, places: Places) -> str | None:
    """The module as its folder spells it: the project's own name may have capitals."""
    return next((name for name in places.names(root) if name.lower() == module), None)


def _stripped(sources: object, packages: tuple[str, ...]) -> tuple[str, ...] | None:
    """The leading folders that archive names are without; None where one gets another name."""
    if isinstance(sources, list):
        named = [one for one in sources if isinstance(one, str)]
    elif isinstance(sources, dict):
        if any(sources.values()):
            return None
        named = [*sources]
    else:
        named = []
    named += [posixpath.dirname(posixpath.normpath(one)) for one in packages]
    found = [inside(one) for one in named if one]
    return None if None in found else tuple(sorted({one for one in found if one}, key=len, reverse=True))


def _add(path: str, stripped: tuple[str, ...], places: Places) -> bool:
    root = next((one for one in stripped if one == path or path.startswith(f"{one}/")), ".")
    if root == path or path == ".":
        return places.add_all(path, [*places.names(path)])
    relative = posixpath.relpath(path, root) if root != "." else path
    dotted = relative.removesuffix(".py").replace("/", ".")
    return all(part.isidentifier() for part in dotted.split(".")) and places.add(root, dotted)

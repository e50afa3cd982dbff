"""Backends that take the module of the project's own name, unless they are told others: flit, Poetry, PDM, uv."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from slspack.builds.layouts.places import Places, inside, join
from slspack.builds.tables import items, text, texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.builds.layouts.places import Layout
    from slspack.model import DistName

_UV = frozenset({
    "default-excludes", "module-name", "module-root", "namespace", "source-exclude", "source-include", "wheel-exclude",
})  # fmt: skip
_PDM = frozenset({"editable-backend", "excludes", "includes", "is-purelib", "package-dir", "source-includes"})


def flit_layout(settings: Mapping[str, object], name: DistName, folder: Path) -> Layout | None:
    """https://flit.pypa.io/en/stable/pyproject_toml.html#module-section"""
    return _own(text(settings, "name") or name.replace("-", "_"), folder)


def poetry_layout(settings: Mapping[str, object], name: DistName, folder: Path) -> Layout | None:
    """https://python-poetry.org/docs/pyproject/#packages"""
    if settings.get("build") or settings.get("package-mode") is False:
        return None
    if "packages" not in settings:
        return _own(name.replace("-", "_"), folder)
    places = Places(folder)
    for one in items(settings["packages"]):
        if not isinstance(one, dict) or "to" in one:
            return None
        if "format" in one and "wheel" not in (one["format"], *items(one["format"])):
            continue
        stated = str(one.get("include")).removesuffix("/**/*.py").removesuffix("/**/*").removesuffix("/**")
        path, root = inside(stated.removesuffix(".py")), inside(str(one.get("from", ".")))
        if path is None or root is None or path == "." or not places.add(root, path.replace("/", ".")):
            return None
    return places.layout()


def uv_layout(settings: Mapping[str, object], name: DistName, folder: Path) -> Layout | None:
    """https://docs.astral.sh/uv/reference/settings/#build-backend"""
    if set(settings) - _UV:
        return None
    root = inside(text(settings, "module-root", "src"))
    stated = settings.get("module-name", name.replace("-", "_"))
    names = [stated] if isinstance(stated, str) else [*texts(settings, "module-name")]
    places = Places(folder)
    if root is None or not all(places.is_folder(join(root, one)) for one in names) or not places.add_all(root, names):
        return None
    return places.layout()


def pdm_layout(settings: Mapping[str, object], folder: Path) -> Layout | None:
    """https://backend.pdm-project.org/build_config/"""
    if set(settings) - _PDM:
        return None
    places = Places(folder)
    root = inside(text(settings, "package-dir", "src" if places.is_folder("src") else "."))
    if root is None:
        return None
    if "includes" in settings:
        for one in texts(settings, "includes"):
            path = inside(one.removesuffix("/**/*").removesuffix("/**"))
            if path is None or not _add_below(path, root, places):
                return None
        return places.layout()
    names = [one for one in places.names(root) if join(root, one) != "tests"]
    packages = [one for one in names if places.is_package(join(root, one))]
    for one in packages or [one for one in names if not places.is_folder(join(root, one))]:
        places.add(root, one)
    return places.layout()


def _add_below(path: str, root: str, places: Places) -> bool:
    """What is included by its path; below the package's folder that is not part of its name."""
    below = path if root == "." else posixpath.relpath(path, root)
    if below.startswith(".."):
        root, below = ".", path
    if below == ".":
        return places.add_all(root, [*places.names(root)])
    return places.add(root, below.removesuffix(".py").replace("/", "."))


def _own(module: str, folder: Path) -> Layout | None:
    """The package or module of that name, below `src` or at the top, however it is spelled there."""
    places = Places(folder)
    above, _, tail = module.rpartition(".")
    for root in ("src", "."):
        for name in places.names(root, above):
            if name.rpartition(".")[2].lower() == tail.lower() and places.add(root, name):
                return places.layout()
    return None

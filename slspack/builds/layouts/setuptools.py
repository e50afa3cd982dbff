"""setuptools: packages that are listed, found by its finder, or discovered.

https://setuptools.pypa.io/en/latest/userguide/package_discovery.html
"""

from __future__ import annotations

import configparser
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slspack.builds.layouts.places import Places, inside, join
from slspack.builds.tables import table, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from slspack.builds.layouts.places import Layout

_UNDERSTOOD = frozenset({
    "dynamic", "exclude-package-data", "include-package-data", "license-files", "obsoletes", "package-data",
    "package-dir", "packages", "platforms", "provides", "py-modules", "zip-safe",
})  # fmt: skip
# What its own discovery leaves out of a flat layout.
_BESIDE = frozenset({
    "benchmark", "benchmarks", "bin", "build", "ci", "conftest", "debian", "dist", "doc", "docs", "documentation",
    "example", "examples", "exercise", "exercises", "fabfile", "htmlcov", "manpages", "news", "newsfragments",
    "noxfile", "pavement", "requirements", "script", "scripts", "setup", "site_scons", "src", "tasks", "test", "tests",
    "tool", "toolbox", "tools", "toxfile", "util", "utils", "venv", "wscript",
})  # fmt: skip


def setuptools_layout(settings: Mapping[str, object], folder: Path) -> Layout | None:
    """By `[tool.setuptools]`. None where it says what is not known here, or `setup.cfg` has options of its own."""
    folders = {name: inside(path) for name, path in table(settings, "package-dir").items() if isinstance(path, str)}
    if set(settings) - _UNDERSTOOD or None in folders.values() or _has_options(folder / "setup.cfg"):
        return None
    own = {name: path for name, path in folders.items() if path is not None}
    places = Places(folder)
    packages, modules = settings.get("packages"), settings.get("py-modules")
    if packages is None and modules is None:
        return _discovered(own, places)
    if isinstance(packages, list) and not _listed(texts(settings, "packages"), own, places):
        return None
    if isinstance(packages, dict) and not _found(table(settings, "packages", "find"), places):
        return None
    if not places.add_all(own.get("", "."), texts(settings, "py-modules")):
        return None
    return places.layout()


def _has_options(file: Path) -> bool:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(file.read_text("utf-8-sig"))
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError, configparser.Error):
        return True
    return any(section.startswith("options") for section in parser.sections())


def _discovered(folders: Mapping[str, str], places: Places) -> Layout | None:
    """Everything below `src`, else packages at the top, else modules at the top."""
    if set(folders) - {""}:
        return places.layout() if _listed([name for name in folders if name], folders, places) else None
    root = folders.get("", "src" if places.is_folder("src") else ".")
    names = [*places.names(root)]
    if root == ".":
        names = [name for name in names if name not in _BESIDE]
        packages = [name for name in names if places.is_folder(name) and places.add(root, name)]
        if packages:
            return places.layout()
    for name in names:
        places.add(root, name)
    return places.layout()


def _listed(packages: list[str] | tuple[str, ...], folders: Mapping[str, str], places: Places) -> bool:
    """Packages by name; those below another one that is listed come with it."""
    for package in packages:
        root = _root_of(package, folders)
        if root is None:
            return False
        above = package.rpartition(".")[0]
        if (above not in packages or not places.is_package(join(root, above))) and not places.add(root, package):
            return False
    return True


def _root_of(package: str, folders: Mapping[str, str]) -> str | None:
    """The folder below which a package has its own name; None where `package-dir` gives it another."""
    head, tail = package, ""
    while head and head not in folders:
        head, _, last = head.rpartition(".")
        tail = f"{last}.{tail}" if tail else last
    place = join(folders.get(head, "."), tail) if tail else folders.get(head, ".")
    parts, wanted = place.split("/"), package.split(".")
    if parts[-len(wanted) :] != wanted:
        return None
    return "/".join(parts[: -len(wanted)]) or "."


def _found(find: Mapping[str, object], places: Places) -> bool:
    """By `packages.find`, which takes folders without `__init__.py`, too, unless it is told not to."""
    for stated in texts(find, "where") or (".",):
        root = inside(stated)
        if root is None:
            return False
        for package in _packages(root, "", find, places):
            above = package.rpartition(".")[0]
            if above and places.is_package(join(root, above)):
                continue
            if places.is_package(join(root, package)):
                places.add(root, package)
                continue
            for inner in places.names(root, package):
                if not places.is_folder(join(root, inner)):
                    places.add(root, inner)
    return True


def _packages(root: str, above: str, find: Mapping[str, object], places: Places) -> Iterator[str]:
    included, excluded = texts(find, "include") or ("*",), texts(find, "exclude")
    for name in places.names(root, above):
        path = join(root, name)
        regular = places.is_package(path)
        if not places.is_folder(path) or (not regular and find.get("namespaces") is False) or name in ("build", "dist"):
            continue
        if _matches(name, included) and not _matches(name, excluded):
            yield name
            if regular:
                continue  # what is below comes with it
        yield from _packages(root, name, find, places)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)

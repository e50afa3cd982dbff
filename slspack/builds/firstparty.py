"""Local packages of pure Python: where their modules stand and what their metadata says, without anything being run."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, TypeAlias

from slspack.builds.normalised import pack
from slspack.builds.project import read_project, says_nothing
from slspack.builds.versions import ReadVersion, read_version
from slspack.frozen import dataclass
from slspack.model import DistName, dist_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# What setuptools' own discovery leaves out of a flat layout, and what others keep beside their packages.
_BESIDE = frozenset({
    "benchmark", "benchmarks", "bin", "build", "ci", "conftest", "debian", "dist", "doc", "docs", "example", "examples",
    "exercise", "exercises", "htmlcov", "manpages", "news", "newsfragments", "noxfile", "requirements", "script",
    "scripts", "setup", "site_scons", "src", "tasks", "test", "tests", "tool", "tools", "utils", "venv",
})  # fmt: skip
_UNDERSTOOD = frozenset(
    {"dynamic", "packages", "package-dir", "package-data", "include-package-data", "zip-safe", "license-files"}
)
_NEEDS_STATIC = frozenset({"dependencies", "optional-dependencies", "entry-points", "scripts"})


@dataclass(frozen=True, slots=True)
class FirstParty:
    """A project whose modules can be taken from its folder as they are."""

    name: DistName
    version: str
    root: str
    """The folder that stands for the root of imports, relative to the project's: `src`, or `.`."""
    modules: tuple[str, ...]
    """The top-level modules and packages in it that are the project's."""
    requires: tuple[str, ...]
    """`Requires-Dist`, with the markers of extras."""
    extras: tuple[str, ...]
    entry_points: str
    version_files: tuple[str, ...] = ()
    """Other files than `pyproject.toml` that decide the version, relative to the project's folder."""

    @property
    def wheel_name(self) -> str:
        """The file name of a wheel of it."""
        return f"{self._stem}-py3-none-any.whl"

    @property
    def _stem(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}"

    def write_metadata_wheel(self, into: Path) -> None:
        """Write a wheel that has only the metadata: for resolvers, and for `importlib.metadata` at run time."""
        info = f"{self._stem}.dist-info"
        lines = ["Metadata-Version: 2.1", f"Name: {self.name}", f"Version: {self.version}"]
        lines += [f"Provides-Extra: {extra}" for extra in self.extras]
        lines += [f"Requires-Dist: {one}" for one in self.requires]
        wheel = "Wheel-Version: 1.0\nGenerator: slspack\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        files = {f"{info}/METADATA": "".join(f"{line}\n" for line in lines), f"{info}/WHEEL": wheel}
        if self.entry_points:
            files[f"{info}/entry_points.txt"] = self.entry_points
        pack({name: (text.encode(), False) for name, text in files.items()}, info, into)


def read_first_party(folder: Path) -> FirstParty | None:
    """What a project's folder is as first-party source; None where only a build tells, or something is compiled.

    Told is what PEP 621 states, `[project]` with nothing of it dynamic but a version that can be read, and the layout
    by the rules of the backend (setuptools, hatchling, flit, poetry-core, uv_build).
    """
    try:
        document = tomllib.loads((folder / "pyproject.toml").read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    project = _table(document, "project")
    name, dynamic = project.get("name"), _texts(project, "dynamic")
    if not isinstance(name, str) or not _NEEDS_STATIC.isdisjoint(dynamic):
        return None
    facts = read_project(folder)
    if facts.compiles is not None or not says_nothing(folder / "setup.py"):
        return None
    own = dist_name(name)
    found = _layout(facts.backend, document, own, folder)
    if found is None:
        return None
    stated = project.get("version")
    version = ReadVersion(stated) if isinstance(stated, str) else None
    if version is None and "version" in dynamic:
        version = read_version(facts.backend, facts.requires, _table(document, "tool"), found, folder)
    if version is None:
        return None
    from packaging.version import InvalidVersion, Version

    optional = _table(project, "optional-dependencies")
    extras = {dist_name(extra): _texts(optional, extra) for extra in optional}
    try:
        requires = [
            *_texts(project, "dependencies"),
            *(_of_extra(one, extra) for extra, listed in extras.items() for one in listed),
        ]
        canonical = str(Version(version.text))
    except (ValueError, InvalidVersion):
        return None
    return FirstParty(
        own, canonical, *found, tuple(requires), tuple(sorted(extras)), _entry_points(project), version.files
    )


_Layout: TypeAlias = "tuple[str, tuple[str, ...]] | None"
"""The root of imports and its modules; None where the backend is told something that is not known here."""


def _layout(backend: str, document: Mapping[str, object], name: DistName, folder: Path) -> _Layout:
    """By the rules of the backend where it is told something, else by what is there."""
    tool = _table(document, "tool")
    if backend.startswith("setuptools"):
        return _of_setuptools(_table(tool, "setuptools"), folder)
    if backend == "hatchling.build":
        build = _table(_table(tool, "hatch"), "build")
        if set(_table(build, "hooks")) - {"vcs"}:
            return None
        return _of_hatchling(_table(_table(build, "targets"), "wheel"), name, folder)
    if backend.startswith("poetry.core"):
        packages = [one for one in _items(_table(tool, "poetry").get("packages")) if isinstance(one, dict)]
        listed = [f"{one.get('from', '.')}/{one.get('include')}" for one in packages]
        return _listed(listed, folder) if listed else _named(name, folder)
    if backend == "uv_build":
        return _of_uv(_table(_table(tool, "uv"), "build-backend"), name, folder)
    return _named(name, folder) if backend.startswith("flit_core") else None


def _of_setuptools(settings: Mapping[str, object], folder: Path) -> _Layout:
    where = _texts(_table(_table(settings, "packages"), "find"), "where")
    folders = _table(settings, "package-dir")
    if set(settings) - _UNDERSTOOD or len(where) > 1 or set(folders) - {""}:
        return None
    root = folders.get("")
    return _discovered(where[0] if where else root if isinstance(root, str) else None, folder)


def _of_hatchling(wheel: Mapping[str, object], name: DistName, folder: Path) -> _Layout:
    if set(wheel) - {"packages"}:
        return None
    packages = _texts(wheel, "packages")
    return _listed(packages, folder) if packages else _named(name, folder)


def _of_uv(settings: Mapping[str, object], name: DistName, folder: Path) -> _Layout:
    root, module = settings.get("module-root", "src"), settings.get("module-name", name.replace("-", "_"))
    if set(settings) - {"module-root", "module-name"} or not isinstance(root, str) or not isinstance(module, str):
        return None
    root, top = root.strip("/") or ".", module.split(".")[0]
    return (root, (top,)) if (folder / root / top).is_dir() else None


def _discovered(said: str | None, folder: Path) -> _Layout:
    """setuptools' automatic discovery: everything below `src`, else what is a package at the top."""
    root = (said if said is not None else "src" if (folder / "src").is_dir() else ".").strip("/") or "."
    names = _modules(folder / root)
    if root == ".":
        names = [one for one in names if one not in _BESIDE]
    return (root, tuple(names)) if names else None


def _named(name: DistName, folder: Path) -> _Layout:
    """The package or module of the project's own name, below `src` or at the top."""
    module = name.replace("-", "_")
    for root in ("src", "."):
        present = {one.lower(): one for one in _modules(folder / root)}
        if module in present:
            return root, (present[module],)
    return None


def _listed(paths: Sequence[str], folder: Path) -> _Layout:
    """Packages that are listed by their paths, all in one folder."""
    from pathlib import PurePosixPath

    places = [PurePosixPath(path) for path in paths]
    roots = {place.parent.as_posix() for place in places}
    if len(roots) != 1 or any(sign in path for path in paths for sign in "*?[") or ".." in places[0].parts:
        return None
    root = roots.pop()
    names = tuple(place.name.removesuffix(".py") for place in places)
    present = set(_modules(folder / root))
    return (root, names) if present.issuperset(names) else None


def _modules(folder: Path) -> list[str]:
    """Modules and packages in a folder; of folders without `__init__.py` those that hold Python somewhere."""
    found: set[str] = set()
    try:
        children = sorted(folder.iterdir())
    except OSError:
        return []
    for child in children:
        stem = child.name.removesuffix(".py") if child.is_file() and child.suffix == ".py" else child.name
        if not stem.isidentifier():
            continue
        if child.is_dir() and not (child / "__init__.py").is_file() and next(child.rglob("*.py"), None) is None:
            continue
        if child.is_dir() or child.suffix == ".py":
            found.add(stem)
    return sorted(found)


def _of_extra(text: str, extra: str) -> str:
    from packaging.requirements import Requirement

    requirement = Requirement(text)
    marker = f"({requirement.marker}) and extra == '{extra}'" if requirement.marker else f"extra == '{extra}'"
    requirement.marker = None
    separator = " ; " if requirement.url else "; "
    return f"{requirement}{separator}{marker}"


def _entry_points(project: Mapping[str, object]) -> str:
    groups = {"console_scripts": _table(project, "scripts"), "gui_scripts": _table(project, "gui-scripts")}
    stated = _table(project, "entry-points")
    groups |= {group: _table(stated, group) for group in stated}
    return "\n".join(
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in sorted(entries.items()))
        for group, entries in sorted(groups.items())
        if entries
    )


def _table(parent: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _texts(parent: Mapping[str, object], name: str) -> tuple[str, ...]:
    return tuple(one for one in _items(parent.get(name)) if isinstance(one, str))

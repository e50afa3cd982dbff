"""Local packages of pure Python: where their modules stand and what their metadata says, without anything being run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.builds.layouts import find_layout
from slspack.builds.normalised import pack
from slspack.builds.project import read_project, says_nothing
from slspack.builds.tables import read_toml, table, texts
from slspack.builds.versions import ReadVersion, read_version
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.builds.layouts.places import Layout, SourceRoot
    from slspack.builds.stated import Stated
    from slspack.model import DistName

_POETRY = "poetry.core.masonry.api"


@dataclass(frozen=True, slots=True)
class FirstParty:
    """A project whose modules can be taken from its folder as they are."""

    stated: Stated
    version: str
    """In its canonical form (PEP 440)."""
    roots: tuple[SourceRoot, ...]
    looked_at: tuple[str, ...] = ()
    """Files and folders besides `pyproject.toml` and `setup.py` that decide, relative to the project's folder."""

    @property
    def name(self) -> DistName:
        """The distribution's."""
        return self.stated.name

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
        lines += [f"Provides-Extra: {extra}" for extra in self.stated.extras]
        lines += [f"Requires-Dist: {one}" for one in self.stated.requires]
        wheel = "Wheel-Version: 1.0\nGenerator: slspack\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        files = {f"{info}/METADATA": "".join(f"{line}\n" for line in lines), f"{info}/WHEEL": wheel}
        if self.stated.entry_points:
            files[f"{info}/entry_points.txt"] = self.stated.entry_points
        pack({name: (text.encode(), False) for name, text in files.items()}, info, into)


def read_first_party(folder: Path) -> FirstParty | None:
    """What a project's folder is as first-party source; None where only a build tells, or something is compiled.

    Told is what `[project]` or Poetry's own table states, with nothing dynamic but what can be read, and the layout
    by the rules of the backend (setuptools, hatchling, flit, poetry-core, pdm-backend, uv_build).
    """
    document = read_toml(folder / "pyproject.toml")
    if document is None:
        return None
    tool, facts = table(document, "tool"), read_project(folder)
    if facts.compiles is not None or not says_nothing(folder / "setup.py"):
        return None
    alone = "project" not in document and "build-system" not in document and "poetry" in tool
    backend = _POETRY if alone else facts.backend
    from slspack.builds.stated import read_stated

    stated = read_stated(document, backend, folder)
    layout = find_layout(backend, tool, stated.name, folder) if stated else None
    if stated is None or layout is None:
        return None
    version = _version(stated, document, backend, facts.requires, layout, folder)
    canonical = _canonical(version.text) if version else None
    if version is None or canonical is None:
        return None
    return FirstParty(stated, canonical, layout.roots, ("setup.cfg", *layout.looked_at, *stated.files, *version.files))


def _version(
    stated: Stated,
    document: Mapping[str, object],
    backend: str,
    requires: tuple[str, ...],
    layout: Layout,
    folder: Path,
) -> ReadVersion | None:
    tool = table(document, "tool")
    if backend.startswith("poetry_dynamic_versioning") and table(tool, "poetry-dynamic-versioning").get("enable"):
        return read_version(backend, requires, tool, layout.roots[0], folder)
    if stated.version is not None:
        return ReadVersion(stated.version)
    if "version" not in texts(table(document, "project"), "dynamic"):
        return None
    return read_version(backend, requires, tool, layout.roots[0], folder)


def _canonical(version: str) -> str | None:
    from packaging.version import InvalidVersion, Version

    try:
        return str(Version(version))
    except InvalidVersion:
        return None

"""Where the modules of local packages stand: as a wheel of theirs would hold them."""

from __future__ import annotations

import posixpath
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from slspack.builds.firstparty import read_first_party
from slspack.model import LocalPackage
from slspack.registry import uv_executable
from slspack.trace import Finder
from slspack.tree import ServiceTree
from tests.support.bench import write_files
from tests.support.layouts import LAYOUTS, PROJECT, SYSTEMS, LaidOut
from tests.support.resolving import target_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOUND = {name: laid_out for name, laid_out in LAYOUTS.items() if laid_out.roots}


@pytest.mark.parametrize("laid_out", LAYOUTS.values(), ids=LAYOUTS)
def test_where_the_modules_are(tmp_path: Path, laid_out: LaidOut) -> None:
    files = {**laid_out.files}
    if "setup.cfg" in files:
        files["setup.cfg"] = "[options]\npackage_dir =\n    = lib\n"
    write_files(tmp_path, files)
    found = read_first_party(tmp_path)
    assert tuple((root.folder, root.modules) for root in (found.roots if found else ())) == laid_out.roots


COMPILED = '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
SETUPTOOLS = SYSTEMS["setuptools"] + PROJECT
NOT_SOURCE: list[Mapping[str, str]] = [
    {"pyproject.toml": COMPILED + PROJECT, "common_lib/__init__.py": ""},
    {"pyproject.toml": SETUPTOOLS, "setup.py": "from setuptools import setup\n\nsetup(zip_safe=0)\n"},
    {"pyproject.toml": SETUPTOOLS, "setup.py": "import os\nfrom setuptools import setup\n\nsetup()\n"},
    {"pyproject.toml": SYSTEMS["setuptools"] + PROJECT + "[tool.setuptools]\ncmdclass = {a = 'b'}\n"},
    {"pyproject.toml": SYSTEMS["hatchling"] + PROJECT + "[tool.hatch.build.hooks.custom]\n"},
    {"pyproject.toml": SYSTEMS["hatchling"] + PROJECT + "[tool.hatch.build.targets.wheel.hooks.custom]\n"},
    {"pyproject.toml": SYSTEMS["poetry"] + PROJECT + '[tool.poetry.build]\nscript = "build.py"\n'},
    {"pyproject.toml": SYSTEMS["pdm"] + PROJECT + '[tool.pdm.build]\ncustom-hook = "build.py"\n'},
    {"pyproject.toml": SYSTEMS["uv"] + PROJECT + '[tool.uv.build-backend.data]\nscripts = "bin"\n'},
    {"pyproject.toml": SYSTEMS["flit"] + PROJECT.replace("common-lib", "another")},
    {"pyproject.toml": SYSTEMS["flit"] + "[project\n"},
]  # fmt: skip


@pytest.mark.parametrize("files", NOT_SOURCE)
def test_what_has_to_be_built(tmp_path: Path, files: Mapping[str, str]) -> None:
    write_files(tmp_path, {"common_lib/__init__.py": "", "src/common_lib/__init__.py": "", **files})
    assert read_first_party(tmp_path) is None


def test_a_setup_script_that_says_nothing(tmp_path: Path) -> None:
    script = '"""For pip."""\nimport setuptools\n\n\nif __name__ == "__main__":\n    setuptools.setup()\n'
    laid_out = LAYOUTS["setuptools, flat"]
    write_files(tmp_path, {**laid_out.files, "setup.py": script, "setup.cfg": "[flake8]\nignore = E1\n"})
    found = read_first_party(tmp_path)
    assert found is not None
    assert found.roots[0].modules == ("common_lib",)


@pytest.mark.parametrize("laid_out", FOUND.values(), ids=FOUND)
def test_the_tracer_finds_modules_below_their_root(tmp_path: Path, laid_out: LaidOut) -> None:
    write_files(tmp_path / "common", laid_out.files)
    found = _traceable(tmp_path, laid_out.paths)
    places = {posixpath.normpath(f"{root}/{name}") for root, _ in laid_out.roots for name in found}
    assert found
    assert {content.decode().strip("'\n") for content in found.values()} <= places
    assert set(laid_out.beyond) <= set(found)


@pytest.mark.registry
@pytest.mark.parametrize("laid_out", FOUND.values(), ids=FOUND)
def test_as_the_backend_has_it(tmp_path: Path, laid_out: LaidOut) -> None:
    """The law: the modules of the wheel that the real backend builds are those that the tracer finds, byte for byte."""
    write_files(tmp_path / "common", laid_out.files)
    found = _traceable(tmp_path, laid_out.paths)
    wheel = _wheel(tmp_path / "common", tmp_path / "dist")
    assert {name: content for name, content in found.items() if name not in laid_out.beyond} == {
        name: content for name, content in wheel.items() if name.endswith(".py")
    }


def _traceable(folder: Path, paths: tuple[str, ...]) -> Mapping[str, bytes]:
    """The modules that a service beside the project could import, by the archive names that they would get."""
    project = read_first_party(folder / "common")
    assert project is not None
    (folder / "service").mkdir()
    tree = ServiceTree(folder / "service")
    tree.admit("../common")
    places = [posixpath.normpath(f"../common/{root.folder}") for root in project.roots]
    packages = [
        LocalPackage(project.name, "../common", place, root.modules)
        for place, root in zip(places, project.roots, strict=True)
    ]
    finder = Finder(tree, (".",), target_of(), packages)
    found = (finder.locate(f"../common/{path}") for path in paths)
    return {str(one.archive): tree.read(one.path) for one in found if one is not None}


def _wheel(project: Path, into: Path) -> Mapping[str, bytes]:
    command = [uv_executable(), "build", "--wheel", "--quiet", "--python", sys.executable, "--out-dir", str(into)]
    done = subprocess.run([*command, str(project)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = into.glob("*.whl")
    with zipfile.ZipFile(file) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist()}

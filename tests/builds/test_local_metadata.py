"""What local packages state of themselves: Poetry's own table, and requirements that setuptools reads from files."""

from __future__ import annotations

import configparser
import subprocess
import sys
import zipfile
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from slspack.builds.firstparty import read_first_party
from slspack.registry import uv_executable
from tests.support.bench import write_files
from tests.support.layouts import PROJECT, SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from packaging.markers import Marker

POETRY = (
    SYSTEMS["poetry"]
    + """
[tool.poetry]
name = "Common.Lib"
version = "1.05"
description = "shared"
authors = ["A <a@example.org>"]
packages = [{ include = "common" }]
[tool.poetry.dependencies]
python = "^3.9"
caret = "^1.2"
tilde = "~2.3.4"
exact = "3.0"
any = "*"
ranged = ">=1,<2"
extended = { version = "^0.2", extras = ["fast", "safe"] }
marked = { version = "^1", markers = "sys_platform == 'linux'" }
python-bound = { version = "^1", python = ">=3.10" }
on-linux = { version = "*", platform = "linux" }
several = [{ version = "<2", python = "<3.11" }, { version = ">=2", python = ">=3.11" }]
wanted = { version = "^4", optional = true }
unasked = { version = "^4", optional = true }
[tool.poetry.extras]
S_3 = ["wanted"]
[tool.poetry.group.dev.dependencies]
pytest = "*"
[tool.poetry.scripts]
run = "common:run"
[tool.poetry.plugins.hooks]
one = "common:one"
"""
)
REQUIRES = [
    "any", "caret<2,>=1.2", "exact==3.0", "extended[fast,safe]<0.3,>=0.2", 'marked<2,>=1; sys_platform == "linux"',
    'on-linux; sys_platform == "linux"', 'python-bound<2,>=1; python_version >= "3.10"', "ranged<2,>=1",
    'several<2; python_version < "3.11"', 'several>=2; python_version >= "3.11"', "tilde<2.4,>=2.3.4",
    "wanted<5,>=4; extra == 's-3'",
]  # fmt: skip


def test_poetrys_own_table(tmp_path: Path) -> None:
    write_files(tmp_path, {"pyproject.toml": POETRY, "common/__init__.py": ""})
    found = read_first_party(tmp_path)
    assert found is not None
    assert (found.name, found.version, found.stated.extras) == ("common-lib", "1.5", ("s-3",))
    assert sorted(found.stated.requires) == REQUIRES
    assert found.stated.entry_points == "[console_scripts]\nrun = common:run\n\n[hooks]\none = common:one\n"


@pytest.mark.registry
def test_poetry_core_writes_the_same(tmp_path: Path) -> None:
    write_files(tmp_path / "common", {"pyproject.toml": POETRY, "common/__init__.py": ""})
    found = read_first_party(tmp_path / "common")
    assert found is not None
    metadata, entry_points = _built(tmp_path / "common", tmp_path / "dist")
    ours, theirs = _by_name(found.stated.requires), _by_name(metadata)
    assert ours.keys() == theirs.keys()
    for name, listed in ours.items():
        for one, other in zip(_sorted(listed), _sorted(theirs[name]), strict=True):
            assert (one.extras, one.specifier) == (other.extras, other.specifier)
            for environment in ENVIRONMENTS:
                assert _holds(one.marker, environment) == _holds(other.marker, environment)
    assert _sections(entry_points) == _sections(found.stated.entry_points)


ENVIRONMENTS: list[dict[str, str]] = [
    {"python_version": python, "python_full_version": f"{python}.1", "sys_platform": platform, "extra": extra}
    for python in ("3.9", "3.10", "3.11", "3.13")
    for platform in ("linux", "win32")
    for extra in ("", "s-3")
]


def _sections(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser()
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def _by_name(requires: Iterable[str]) -> dict[str, list[Requirement]]:
    table: dict[str, list[Requirement]] = {}
    for one in map(Requirement, requires):
        table.setdefault(one.name, []).append(one)
    return table


def _sorted(requirements: list[Requirement]) -> list[Requirement]:
    return sorted(requirements, key=lambda one: str(one.specifier))


def _holds(marker: Marker | None, environment: dict[str, str]) -> bool:
    return marker is None or marker.evaluate(environment)


def _built(project: Path, into: Path) -> tuple[list[str], str]:
    command = [uv_executable(), "build", "--wheel", "--quiet", "--python", sys.executable, "--out-dir", str(into)]
    subprocess.run([*command, str(project)], capture_output=True, check=True)
    (file,) = into.glob("*.whl")
    with zipfile.ZipFile(file) as wheel:
        info = next(name.partition("/")[0] for name in wheel.namelist() if ".dist-info/" in name)
        requires = message_from_bytes(wheel.read(f"{info}/METADATA")).get_all("Requires-Dist", [])
        return [str(one) for one in requires], wheel.read(f"{info}/entry_points.txt").decode()


ALONE = POETRY.removeprefix(SYSTEMS["poetry"])
VARIANTS: list[tuple[str, bool]] = [
    (ALONE, True),
    (SYSTEMS["poetry"].replace("poetry.core.masonry.api", "poetry.masonry.api") + ALONE, True),
    (POETRY.replace('caret = "^1.2"', 'caret = "^1 || ^3"'), False),
    (POETRY.replace('caret = "^1.2"', "caret = 1"), False),
    (POETRY.replace('caret = "^1.2"', 'caret = "newest"'), False),
    (POETRY.replace('version = "1.05"', 'version = "one"'), False),
    (POETRY.replace('version = "1.05"', ""), False),
    (POETRY.replace("[tool.poetry]", "[tool.poetry]\npackage-mode = false"), False),
]


@pytest.mark.parametrize(("text", "is_source"), VARIANTS)
def test_what_poetry_may_state(tmp_path: Path, text: str, is_source: bool) -> None:
    write_files(tmp_path, {"pyproject.toml": text, "common/__init__.py": ""})
    assert (read_first_party(tmp_path) is not None) is is_source


def test_poetry_2_beside_project(tmp_path: Path) -> None:
    text = (
        SYSTEMS["poetry"] + '[project]\nname = "common"\nversion = "2"\ndynamic = ["dependencies"]\n'
        '[tool.poetry.dependencies]\nbase = "^1"\n'
    )
    write_files(tmp_path, {"pyproject.toml": text, "common.py": ""})
    found = read_first_party(tmp_path)
    assert found is not None
    assert (found.version, found.stated.requires) == ("2", ("base<2,>=1",))


def test_versions_of_poetrys_plugin_are_its_historys(tmp_path: Path) -> None:
    system = (
        '[build-system]\nrequires = ["poetry-core", "poetry-dynamic-versioning"]\n'
        'build-backend = "poetry_dynamic_versioning.backend"\n[tool.poetry-dynamic-versioning]\nenable = true\n'
    )
    write_files(tmp_path, {"pyproject.toml": system + ALONE, "common/__init__.py": ""})
    found = read_first_party(tmp_path)
    assert found is not None
    assert found.version == "0+local"


DYNAMIC = PROJECT.replace('dependencies = ["base>=1"]', 'dynamic = ["dependencies", "optional-dependencies"]')
IN_FILES = """
[tool.setuptools.dynamic]
dependencies = { file = ["requirements.in", "more.in"] }
optional-dependencies = { X_y = { file = "x.in" } }
"""
FILES = {
    "requirements.in": "# what it needs\nbase>=1  # newer\n\n",
    "more.in": "more\n",
    "x.in": "extra ; os_name == 'nt'\n",
}


def test_requirements_that_setuptools_reads_from_files(tmp_path: Path) -> None:
    write_files(tmp_path, {"pyproject.toml": SYSTEMS["setuptools"] + DYNAMIC + IN_FILES, "common/x.py": "", **FILES})
    found = read_first_party(tmp_path)
    assert found is not None
    assert found.stated.requires == ("base>=1", "more", "extra; (os_name == \"nt\") and extra == 'x-y'")
    assert found.stated.extras == ("x-y",)
    assert {"requirements.in", "more.in", "x.in"} < set(found.looked_at)


BUILT: list[tuple[str, Mapping[str, str]]] = [
    (SYSTEMS["setuptools"] + DYNAMIC, FILES),
    (SYSTEMS["flit"] + DYNAMIC + IN_FILES, FILES),
    (SYSTEMS["setuptools"] + DYNAMIC + IN_FILES, {**FILES, "more.in": "-r other.in\n"}),
    (SYSTEMS["setuptools"] + DYNAMIC + IN_FILES, {name: text for name, text in FILES.items() if name != "x.in"}),
    (SYSTEMS["setuptools"] + DYNAMIC.replace('"dependencies"', '"dependencies", "scripts"') + IN_FILES, FILES),
]


@pytest.mark.parametrize(("text", "files"), BUILT)
def test_what_only_a_build_tells_is_built(tmp_path: Path, text: str, files: Mapping[str, str]) -> None:
    write_files(tmp_path, {"pyproject.toml": text, "common_lib.py": "", **files})
    assert read_first_party(tmp_path) is None

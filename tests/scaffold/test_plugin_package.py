"""`slspack init --plugin`: a package that passes its own tests and checks and has a part in real builds."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, cast

import pytest

from slspack.errors import ConfigError
from slspack.scaffold import plugin_package, write_package
from tests.support.bench import REPOSITORY, Bench
from tests.support.index import package_index
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.index import PackageIndex

LONG = "acme-stamps-for-services-of-the-department-of-long-names"
APP = "def handler(event, context): return event\n"


def wheel_of(package: Path, index: PackageIndex) -> str:
    """What `pyproject.toml` says that a wheel of the package holds, offered by an index; the distribution's name."""
    pyproject = tomllib.loads((package / "pyproject.toml").read_text("utf-8"))
    project = pyproject["project"]
    (group,) = project["entry-points"].items()
    points = "".join(f"{name} = {value}\n" for name, value in group[1].items())
    (source,) = pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    folder = package / source
    files = {f"{folder.name}/{one.name}": one.read_bytes() for one in folder.iterdir() if one.is_file()}
    make_wheel(
        index.folder, project["name"], project["version"], files, requires=project["dependencies"],
        entry_points=f"[{group[0]}]\n{points}",
    )  # fmt: skip
    return cast("str", project["name"])


def init(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "slspack", "init", "-C", str(folder), *words]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def installed(package: Path, scratch: Path) -> Path:
    """A folder for `sys.path` with the package as an installer puts it there, from a wheel of an index."""
    with package_index(scratch / "index") as index:
        name = wheel_of(package, index)
        site = scratch / "site"
        install = [sys.executable, "-m", "uv", "pip", "install", "-q", "--no-deps", "--index-url", index.url]
        environment = Bench(scratch, scratch / "store", index).variables
        subprocess.run([*install, "--target", str(site), name], env=environment, check=True, capture_output=True)
    return site


def passes(package: Path, site: Path, *words: str) -> str:
    """What a tool prints, run in the package with it and slspack on the path; it must succeed."""
    path = os.pathsep.join(map(str, (site, REPOSITORY)))
    environment = {**os.environ, "PYTHONPATH": path, "MYPYPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", *words], env=environment, cwd=package, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_package_passes_its_own_tests(tmp_path: Path) -> None:
    done = init(tmp_path, "--plugin", "acme-stamps")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "next: cd acme-stamps && pip install -e . --group dev && pytest"
    package = tmp_path / "acme-stamps"
    assert "3 passed" in passes(package, installed(package, tmp_path), "pytest", "-q", "-p", "no:cacheprovider")


def test_the_package_is_what_type_checkers_want(tmp_path: Path) -> None:
    write_package(tmp_path / "acme-stamps", plugin_package("acme-stamps"))
    said = passes(tmp_path / "acme-stamps", tmp_path, "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"))
    assert said == "Success: no issues found in 4 source files\n"


@pytest.mark.parametrize("name", ["x", "acme-stamps", LONG])
def test_the_package_is_formatted_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    write_package(tmp_path / name, plugin_package(name))
    passes(tmp_path / name, tmp_path, "ruff", "check", "--no-cache")
    passes(tmp_path / name, tmp_path, "ruff", "format", "--check", "--no-cache")


def test_the_plugin_has_a_part_in_a_build_of_the_command_line(tmp_path: Path) -> None:
    package = tmp_path / "acme-stamps"
    write_package(package, plugin_package("acme-stamps"))
    bench = Bench(tmp_path / "service", tmp_path / "store")
    bench.write({"app.py": APP, "slspack.yml": "runtime: python3.13\nfunctions: {api: app.handler}\n"})
    path = os.pathsep.join(map(str, (REPOSITORY, installed(package, tmp_path))))
    result = bench.spawn("build", PYTHONPATH=path)
    assert result.status == 0, result.err
    assert bench.read_from("api", "build.txt") == b"api\n"
    listed = bench.spawn("plugins", PYTHONPATH=path).out
    assert listed.startswith("acme-stamps 0.1.0  (installed: acme-stamps; loaded in ")
    assert listed.splitlines()[1:3] == ["  slspack_check_plan", "  slspack_collect_entries"]
    assert "build.txt" not in names_without(bench, path)


def names_without(bench: Bench, path: str) -> list[str]:
    """The names in the artifact where the plugin is blocked."""
    blocked = "runtime: python3.13\nfunctions: {api: app.handler}\nplugins: ['!acme-stamps']\n"
    bench.write({"slspack.yml": blocked})
    assert bench.spawn("build", PYTHONPATH=path).status == 0
    return bench.names_in("api")


def test_nothing_that_is_there_is_changed(tmp_path: Path) -> None:
    (tmp_path / "acme-stamps").mkdir()
    assert init(tmp_path, "--plugin", "acme-stamps").returncode == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    again = init(tmp_path, "--plugin", "acme-stamps")
    assert again.returncode == 2
    assert again.stderr == (
        "error[SLS0851]: `acme-stamps` is there already\n"
        "  hint: choose another name, or another folder by `-C`; nothing was written\n"
    )
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["acme-stamps"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Acme", "`Acme` is no name of a package"),
        ("acme_stamps", "`acme_stamps` is no name of a package"),
        ("9lives", "`9lives` is no name of a package"),
        ("acme-", "`acme-` is no name of a package"),
        ("../acme", "`../acme` is no name of a package"),
        ("", "`` is no name of a package"),
        ("json", "`json` would be the module `json`, which is taken"),
        ("class", "`class` would be the module `class`, which is taken"),
        ("slspack", "`slspack` would be the module `slspack`, which is taken"),
    ],
)
def test_a_name_that_cannot_be_a_packages(name: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plugin_package(name)
    assert [(one.code.id, one.message) for one in caught.value.findings] == [("SLS0850", message)]


def test_what_is_to_be_made_has_to_be_said(tmp_path: Path) -> None:
    done = init(tmp_path)
    assert done.returncode == 2
    assert "missing option '--plugin'" in done.stderr


@pytest.mark.registry
def test_in_an_environment_of_its_own(tmp_path: Path) -> None:
    """As its README says: made by a slspack that is installed, and installed with the tools of its group `dev`."""
    package = tmp_path / "acme-stamps"
    uv = [sys.executable, "-m", "uv"]
    python = tmp_path / "venv/bin/python"
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, str(tmp_path / "venv")], check=True)
    install = [*uv, "pip", "install", "-q", "--python", str(python)]
    subprocess.run([*install, str(REPOSITORY)], check=True)
    subprocess.run([python, "-m", "slspack", "init", "--plugin", package.name], cwd=tmp_path, check=True)
    tools = tomllib.loads((package / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["dev"]
    subprocess.run([*install, str(package), *tools], check=True)
    variables = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    for words in (["pytest", "-q"], ["mypy"], ["ruff", "check"], ["ruff", "format", "--check"]):
        command = [str(python), "-m", *words]
        done = subprocess.run(command, cwd=package, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

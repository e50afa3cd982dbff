"""Real builds by the cross builder: compiled for both architectures, imported and called on both.

The x86_64 modules run on this machine's interpreter, the arm64 ones on Debian's Python for arm64 under qemu-user:
`.ci/arm64-python FOLDER` unpacks it, and `SLSPACK_TEST_ARM64` names the folder.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tarfile
import threading
import zipfile
from typing import TYPE_CHECKING

import pytest

from slspack.builds.builder import BuildTask, BuiltWheel, RequirementWheels, Workplace
from slspack.builds.cross import CrossBuilder, open_cross_builder
from slspack.builds.normalised import normalise
from slspack.check.elf import MAGIC, read_elf
from slspack.model import ArchivePath, Target, dist_name
from slspack.registry import load_index_configuration
from slspack.targets import parse_target, runtime_libraries, version_numbers
from tests.support.bench import write_files
from tests.support.extensions import PROJECTS
from tests.support.interpreters import find_interpreter

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.registry, pytest.mark.interpreters]

TARGETS = ("python3.13 x86_64", "python3.12 x86_64", "python3.13 arm64", "python3.12 arm64")


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> CrossBuilder:
    """The builder as a user has it, with an interpreter of every minor on the PATH."""
    folders = [str(find_interpreter(minor).parent) for minor in ("3.11", "3.12", "3.13")]
    environment = {**os.environ, "PATH": os.pathsep.join([*folders, os.environ["PATH"]])}
    configuration = load_index_configuration(environment, tmp_path_factory.mktemp("service"))
    found = open_cross_builder(Workplace(configuration, environment))
    assert found, "ziglang is not installed: pip install 'slspack[cross]'"
    return found


def target_of(text: str) -> Target:
    target = parse_target(*text.split())
    assert target
    return target


def build(builder: CrossBuilder, source: Path, target: Target, folder: Path) -> BuiltWheel:
    folder.mkdir(parents=True, exist_ok=True)
    no_requirements: RequirementWheels = lambda requirements, target: ()  # noqa: E731
    task = BuildTask(
        dist_name("sample"), None, "sample", source, target, no_requirements, folder / "log", print, threading.Event()
    )
    return builder.build(task, folder)


def unpacked(wheel: Path, into: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(into)
    return into


def assert_for(folder: Path, target: Target) -> None:
    """Every library in a folder is for the target's machine, and wants nothing newer than its runtime has."""
    machine = {"x86_64": "x86_64", "arm64": "aarch64"}[target.architecture.value]
    runtime = runtime_libraries(target)
    libraries = [path for path in folder.rglob("*") if path.is_file() and path.read_bytes().startswith(MAGIC)]
    assert libraries
    for path in libraries:
        with path.open("rb") as stream:
            elf = read_elf(stream, ArchivePath(path.name))
        assert (elf.machine, elf.module) == (machine, True)
        suffix = f".cpython-{target.python[0]}{target.python[1]}-{machine}-linux-gnu.so"
        assert path.name.removeprefix(path.name.partition(".")[0]) in (suffix, ".so")  # CMake knows no suffix here
        assert set(elf.needed) <= runtime.sonames
        for want in elf.wants:
            family, _, version = want.version.rpartition("_")
            assert version_numbers(version) <= runtime.newest[family], want


def answer(folder: Path, target: Target, expression: str, module: str) -> str:
    """What an expression gives on the target's architecture."""
    minor = f"{target.python[0]}.{target.python[1]}"
    if target.architecture.value == platform.machine():
        command = [str(find_interpreter(minor))]
    else:
        root = os.environ.get("SLSPACK_TEST_ARM64")
        assert root, "name the folder of `.ci/arm64-python` in SLSPACK_TEST_ARM64"
        command = ["qemu-aarch64-static", "-L", root, f"{root}/usr/bin/python{minor}"]
    program = f"import sys; sys.path.insert(0, {str(folder)!r}); import {module}; print({expression})"
    done = subprocess.run([*command, "-I", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def markupsafe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist of MarkupSafe, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    command = ["download", "--no-deps", "--no-binary", ":all:", "--quiet", "--dest", str(folder), "markupsafe==3.0.3"]
    subprocess.run([shutil.which("pip") or "pip", *command], check=True)
    [sdist] = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return folder / sdist.name.removesuffix(".tar.gz")


@pytest.mark.parametrize("text", [*TARGETS, "python3.11 arm64"])
def test_markupsafe(text: str, builder: CrossBuilder, markupsafe: Path, tmp_path: Path) -> None:
    target = target_of(text)
    source = tmp_path / "source"
    shutil.copytree(markupsafe, source)
    wheel = build(builder, source, target, tmp_path / "out")
    assert wheel.compiler is not None
    assert wheel.compiler.startswith("ziglang ")
    folder = unpacked(wheel.path, tmp_path / "installed")
    assert_for(folder, target)
    if target.architecture.value == platform.machine() or target.python == (3, 11):
        found = answer(folder, target, "markupsafe._speedups._escape_inner('<a>')", "markupsafe._speedups")
        assert found == "&lt;a&gt;"


@pytest.mark.parametrize("text", ["python3.13 x86_64", "python3.11 arm64"])
@pytest.mark.parametrize("module", PROJECTS)
def test_each_backend_and_language(module: str, text: str, builder: CrossBuilder, tmp_path: Path) -> None:
    files, expression, expected = PROJECTS[module]
    target = target_of(text)
    wheel = build(builder, write_files(tmp_path / "source", files), target, tmp_path / "out")
    folder = unpacked(wheel.path, tmp_path / "installed")
    assert_for(folder, target)
    assert answer(folder, target, expression, module) == str(expected)


def test_a_build_repeated_elsewhere_gives_the_same_bytes(builder: CrossBuilder, tmp_path: Path) -> None:
    files, _, _ = PROJECTS["plainc"]
    made = []
    for place in ("one", "a/longer/two"):
        wheel = build(builder, write_files(tmp_path / place / "source", files), target_of(TARGETS[2]), tmp_path / place)
        normalise(wheel.path, tmp_path / "normal.whl")
        made.append((tmp_path / "normal.whl").read_bytes())
    assert made[0] == made[1]

"""One service, built in as many circumstances as one machine has: one sha256 for each artifact."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.bench import REPOSITORY, Bench, clean_environment
from tests.support.elf import make_elf
from tests.support.index import package_index
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.support.index import PackageIndex

CONFIGURATION = """
service: everything
provider: {name: aws, runtime: python3.13}
package: {individually: true, patterns: ["assets/**"]}
functions:
  web: {handler: src/web.handler}
  batch: {handler: jobs.batch.handler, architecture: arm64}
"""
FILES: Mapping[str, str | bytes] = {
    "serverless.yml": CONFIGURATION,
    "requirements.txt": "zeta\nalpha\nnative\nMixed.Case\n",
    "src/web.py": "import alpha, mixed, native, shared.texts\n\n\ndef handler(event, context): ...\n",
    "src/shared/__init__.py": "",
    "src/shared/texts.py": "import zeta\n",
    "src/shared/größe.json": "{}",
    "jobs/batch.py": "from space.one import a\nfrom space.two import b\nimport native\ndef handler(e, c): ...\n",
    "one/x": "",
    "space/one/a.py": "",
    "space/two/b.py": "",
    "assets/Z": b"\0" * 100_000,
    "assets/a": "a",
    "assets/tool": "#!/bin/sh\n",
    "assets/é": "é",
}
EXECUTABLE = "assets/tool"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    folder = tmp_path_factory.mktemp("index")
    many = {f"alpha/{letter}{number}.py": letter * number for letter in "zaZA_" for number in range(40)}
    make_wheel(folder, "alpha", files={"alpha/__init__.py": "", **many}, requires=["Mixed.Case"])
    make_wheel(folder, "Mixed.Case", files={"mixed/__init__.py": "", "mixed/run.sh": ""}, executable=["mixed/run.sh"])
    make_wheel(folder, "zeta")
    for platform in ("x86_64", "aarch64"):
        library = make_elf(machine=platform, payload=4000)
        files: dict[str, str | bytes] = {"native.py": "", f"_native_{platform}.so": library}
        make_wheel(folder, "native", files=files, tag=f"cp313-cp313-manylinux_2_28_{platform}")
    with package_index(folder) as running:
        yield running


def write(root: Path, order: int, umask: int) -> None:
    """Write the service with its files made in an order of its own, each at a time of its own."""
    names = sorted(FILES)
    chance = random.Random(order)
    chance.shuffle(names)
    for name in names:
        path, content = root / name, FILES[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod((0o777 if name == EXECUTABLE else 0o666) & ~umask)
        time = chance.randrange(2_000_000_000)
        os.utime(path, (time, time))


def build(
    root: Path,
    index: PackageIndex,
    *arguments: str,
    umask: int = 0o022,
    cwd: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> dict[str, bytes]:
    """Build in a process of its own, with a store of its own; the artifacts by their names."""
    done = subprocess.run(
        [sys.executable, "-m", "slspack", "build", "-C", str(root), *arguments],
        env=clean_environment(root.parent / "store", index) | {"PYTHONPATH": str(REPOSITORY)} | dict(variables or {}),
        cwd=cwd,
        umask=umask,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in sorted((root / ".slspack/dist").glob("*.zip"))}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, index: PackageIndex) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("first") / "service"
    write(root, 1, 0o022)
    artifacts = build(root, index, variables={"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"})
    assert list(artifacts) == ["batch.zip", "web.zip"]
    return artifacts


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"PYTHONHASHSEED": "2"}, id="hash seed"),
        pytest.param({"TZ": "LINT-14"}, id="time zone"),
        pytest.param({"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}, id="locale"),
        pytest.param({"PYTHONUTF8": "0", "LC_ALL": "POSIX"}, id="no UTF-8"),
        pytest.param({"PYTHONOPTIMIZE": "2"}, id="optimised"),
    ],
)
def test_the_environment_does_not_show(
    tmp_path: Path, index: PackageIndex, expected: dict[str, bytes], variables: dict[str, str]
) -> None:
    root = tmp_path / "service"
    write(root, 1, 0o022)
    assert build(root, index, variables=variables) == expected


@pytest.mark.parametrize("umask", [0o077, 0o000, 0o027])
def test_the_umask_does_not_show(tmp_path: Path, index: PackageIndex, expected: dict[str, bytes], umask: int) -> None:
    root = tmp_path / "service"
    write(root, 1, umask)
    assert build(root, index, umask=umask) == expected


@pytest.mark.parametrize("order", [2, 3])
def test_the_order_and_times_of_files_do_not_show(
    tmp_path: Path, index: PackageIndex, expected: dict[str, bytes], order: int
) -> None:
    root = tmp_path / "service"
    write(root, order, 0o022)
    assert build(root, index) == expected


def test_the_folder_does_not_show(tmp_path: Path, index: PackageIndex, expected: dict[str, bytes]) -> None:
    root = tmp_path / "a longer way" / "to the façade" / "service"
    write(root, 1, 0o022)
    assert build(root, index, cwd=root / "src") == expected
    (root / ".slspack/dist/web.zip").unlink()
    link = tmp_path / "link"
    link.symlink_to(root, target_is_directory=True)
    assert build(link, index) == expected


def test_what_the_store_holds_does_not_show(tmp_path: Path, index: PackageIndex, expected: dict[str, bytes]) -> None:
    root = tmp_path / "service"
    write(root, 1, 0o022)
    build(root, index, "-f", "batch")
    (root / ".slspack/dist/batch.zip").write_bytes(b"something else")
    assert build(root, index) == expected


def test_how_the_index_answers_does_not_show(tmp_path: Path, index: PackageIndex, expected: dict[str, bytes]) -> None:
    settings = index.settings
    settings.ranges = settings.json = settings.metadata_files = False
    try:
        root = tmp_path / "service"
        write(root, 1, 0o022)
        assert build(root, index) == expected
    finally:
        settings.ranges = settings.json = settings.metadata_files = True


def test_the_number_of_threads_does_not_show(
    tmp_path: Path, index: PackageIndex, expected: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for workers in (1, 2, 5):
        bench = Bench(tmp_path / f"with-{workers}", tmp_path / f"store-{workers}", index)
        write(bench.root, workers, 0o022)
        monkeypatch.setattr("slspack.registry.pool.WORKERS", workers)
        bench.build()
        assert {name: (bench.root / ".slspack/dist" / name).read_bytes() for name in expected} == expected


def test_plans_are_the_same_text_everywhere(tmp_path: Path, index: PackageIndex) -> None:
    texts = set()
    for order, seed in ((1, "1"), (2, "2")):
        root = tmp_path / str(order) / "service"
        write(root, order, 0o022)
        texts.add(Bench(root, tmp_path / f"store-{order}", index).spawn("plan", "--json", PYTHONHASHSEED=seed).out)
    (text,) = texts
    assert '"schema": "slspack-plan/1"' in text
    assert str(tmp_path) not in text

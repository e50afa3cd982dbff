from __future__ import annotations

import errno
import os
import stat
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from slspack.bundle.directory import write_directory
from slspack.codes import Code
from slspack.errors import SlspackError
from tests.support.bundles import Orders, generated, plan_of

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.model import Artifact, Plan

Files = dict[str, tuple[bytes, int]]
RECORD = [".orders.tree", "orders"]


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    return Orders(tmp_path)


def write(orders: Orders, destination: Path, plan: Plan | None = None) -> Artifact:
    return write_directory(plan or orders.plan, orders.segments, orders.tree, destination)


def files_of(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in folder.rglob("*")
        if path.is_file()
    }


def beside(destination: Path) -> list[str]:
    """What stands beside the folder, with it; the record's own files but for what it always has."""
    record = destination.parent / f".{destination.name}.tree"
    assert {path.name for path in record.glob("*")} <= {"record.json", "parts"}
    return sorted(path.name for path in destination.parent.iterdir() if path.name != record.name or any(path.iterdir()))


def files_of_zip(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {i.filename: (archive.read(i), stat.S_IMODE(i.external_attr >> 16)) for i in archive.infolist()}


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> object:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_it_holds_what_the_zip_holds(orders: Orders, tmp_path: Path) -> None:
    artifact = write(orders, tmp_path / "out/orders")
    assert (artifact.path, artifact.sha256, artifact.bytes) == (tmp_path / "out/orders", None, 0)
    assert files_of(artifact.path) == files_of_zip(orders.write(tmp_path / "orders.zip").path)
    folders = [artifact.path, *(path for path in artifact.path.rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o755}


def test_unzip_gives_the_same_tree(orders: Orders, tmp_path: Path) -> None:
    archive = orders.write(tmp_path / "orders.zip").path
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    subprocess.run(["unzip", "-q", archive, "-d", tmp_path / "unzipped"], check=True, env=environment)
    assert files_of(write(orders, tmp_path / "orders").path) == files_of(tmp_path / "unzipped")


def test_the_previous_folder_is_replaced_whole(orders: Orders, tmp_path: Path) -> None:
    destination = tmp_path / "out/orders"
    write(orders, destination)
    (destination / "left/behind").mkdir(parents=True)
    (destination / "left/behind/by-someone").touch()
    write(orders, destination, plan_of([generated("only.py", b"1")]))
    assert files_of(destination) == {"only.py": (b"1", 0o644)}
    assert beside(destination) == RECORD


@pytest.mark.parametrize("before", ["file", "link", "dangling link"])
def test_something_else_in_its_place_is_replaced(orders: Orders, tmp_path: Path, before: str) -> None:
    destination = tmp_path / "out/orders"
    destination.parent.mkdir()
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").touch()
    if before == "file":
        destination.write_text("a file")
    else:
        destination.symlink_to(tmp_path / ("kept" if before == "link" else "nowhere"))
    write(orders, destination, plan_of([generated("only.py", b"1")]))
    assert not destination.is_symlink()
    assert files_of(destination) == {"only.py": (b"1", 0o644)}
    assert (tmp_path / "kept/file").exists()
    assert beside(destination) == RECORD


@pytest.mark.parametrize(
    "answer", [PermissionError(errno.EPERM, "no"), NotImplementedError(), OSError(errno.EOPNOTSUPP, "no")]
)
def test_a_file_system_without_modes(
    orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Exception
) -> None:
    def chmod(*_: object, **__: object) -> None:
        raise answer

    monkeypatch.setattr(os, "chmod", chmod)
    folder = write(orders, tmp_path / "orders").path
    expected = files_of_zip(orders.write(tmp_path / "orders.zip").path)
    assert {name: content for name, (content, _) in files_of(folder).items()} == {
        name: content for name, (content, _) in expected.items()
    }


def test_another_answer_to_chmod_is_an_error(orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def chmod(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "chmod", chmod)
    with pytest.raises(SlspackError, match="input/output error"):
        write(orders, tmp_path / "out/orders")


def test_a_file_that_changed_since_it_was_planned(orders: Orders, tmp_path: Path) -> None:
    (orders.root / "app/run.sh").write_text("changed")
    with pytest.raises(SlspackError) as caught:
        write(orders, tmp_path / "out/orders")
    assert caught.value.findings[0].code is Code.FILE_CHANGED
    assert beside(tmp_path / "out/orders") == []

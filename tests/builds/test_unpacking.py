"""Archives of sources, honest and otherwise."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from slspack.builds.folders import copy_tree, source_files, tree_digest
from slspack.builds.unpacking import project_folder, unpack
from slspack.codes import Code
from slspack.errors import SlspackError
from tests.support.bench import write_files

if TYPE_CHECKING:
    from pathlib import Path


def tar(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def file(name: str, mode: int = 0o644) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.mode = mode
    return member


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def test_links_become_what_they_point_to_and_modes_stay(tmp_path: Path) -> None:
    archive = tar(
        tmp_path / "a-1.tar.gz",
        (file("a-1/setup.py"), b"setup"),
        (file("a-1/run.sh", 0o755), b"run"),
        (link("a-1/soft.py", "setup.py"), b""),
        (link("a-1/hard.py", "a-1/setup.py", tarfile.LNKTYPE), b""),
        (link("a-1/passwd", "/etc/passwd"), b""),
        (link("a-1/up", "../../outside"), b""),
    )
    into = tmp_path / "into"
    into.mkdir()
    unpack(archive, archive.name, into)
    folder = project_folder(into, "", "it")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "setup.py": b"setup", "run.sh": b"run", "soft.py": b"setup", "hard.py": b"setup",
    }  # fmt: skip
    assert not any(path.is_symlink() for path in folder.iterdir())
    assert [path.stat().st_mode & 0o777 for path in (folder / "run.sh", folder / "setup.py")] == [0o755, 0o644]


@pytest.mark.parametrize("name", ["../evil.py", "/etc/evil.py", "a/../../evil.py"])
@pytest.mark.parametrize("form", ["tar", "zip"])
def test_a_member_that_climbs_out_is_refused(tmp_path: Path, name: str, form: str) -> None:
    if form == "tar":
        archive = tar(tmp_path / "a-1.tar.gz", (file(name), b"evil"))
    else:
        archive = tmp_path / "a-1.zip"
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr(zipfile.ZipInfo(name), "evil")
    into = tmp_path / "into" / "deeper"
    into.mkdir(parents=True)
    with pytest.raises(SlspackError) as caught:
        unpack(archive, archive.name, into)
    (finding,) = caught.value.findings
    assert finding.code is Code.BAD_SOURCE
    assert f"holds `{name}`, which climbs out" in finding.message
    assert not list(tmp_path.rglob("evil.py"))


@pytest.mark.parametrize(("name", "content"), [("a.tar.gz", b"no"), ("a.zip", b"PK"), ("a.tar.gz", b"\x1f\x8b\x08cut")])
def test_a_damaged_archive(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SlspackError) as caught:
        unpack(tmp_path / name, name, tmp_path)
    assert caught.value.findings[0].message.startswith(f"`{name}` cannot be unpacked: ")


def test_the_projects_folder(tmp_path: Path) -> None:
    write_files(
        tmp_path, {"one/top/python/pyproject.toml": "", "two/pyproject.toml": "", "two/x.py": "", "three/a/b": ""}
    )
    assert project_folder(tmp_path / "one", "python", "it") == tmp_path / "one/top/python"
    assert project_folder(tmp_path / "two", "", "it") == tmp_path / "two"
    with pytest.raises(SlspackError) as caught:
        project_folder(tmp_path / "three", "", "`three.zip`")
    assert caught.value.findings[0].message.startswith("`three.zip` is not a Python project")


def test_what_counts_of_a_folder(tmp_path: Path) -> None:
    kept = {"pyproject.toml": "", "src/a/__init__.py": "A = 1\n", "src/build/__init__.py": "", "src/dist/x.txt": "x"}
    write_files(tmp_path / "a", kept)
    before = tree_digest(tmp_path / "a")
    write_files(
        tmp_path / "a",
        {".git/HEAD": "", "build/lib/a.py": "", "dist/a.whl": "", "src/a/__pycache__/a.pyc": "",
         "a.egg-info/PKG-INFO": "", "env/pyvenv.cfg": "", "env/bin/python": "", ".venv/x": "", "node_modules/x": ""},
    )  # fmt: skip
    assert list(source_files(tmp_path / "a")) == sorted(kept)
    assert tree_digest(tmp_path / "a") == before
    copy_tree(tmp_path / "a", tmp_path / "copy")
    assert tree_digest(tmp_path / "copy") == before
    (tmp_path / "a/src/a/__init__.py").write_text("A = 2\n")
    assert tree_digest(tmp_path / "a") != before


def test_a_package_called_build_is_no_output(tmp_path: Path) -> None:
    write_files(tmp_path, {"setup.py": "", "build/__init__.py": ""})
    assert list(source_files(tmp_path)) == ["build/__init__.py", "setup.py"]

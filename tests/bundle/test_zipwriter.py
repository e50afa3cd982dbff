from __future__ import annotations

import errno
import hashlib
import os
import stat
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slspack.bundle import ziprecords
from slspack.bundle.zipwriter import PackedFiles, write_zip
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.tree import ServiceTree
from tests.support.bundles import NOISE, Orders, generated, plan_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    return Orders(tmp_path)


EXPECTED = [
    "alpha-1.0.dist-info/METADATA",
    "alpha-1.0.dist-info/WHEEL",
    "alpha/__init__.py",
    "alpha/tool",
    "shared/x.py",
    "beta-1.0.dist-info/METADATA",
    "beta-1.0.dist-info/WHEEL",
    "beta/__init__.py",
    "beta/noise.bin",
    "gamma-1.0.dist-info/METADATA",
    "gamma-1.0.dist-info/WHEEL",
    "gamma.py",
    "app/__init__.py",
    "app/handler.py",
    "app/naïve.txt",
    "app/run.sh",
]


def test_segments_come_first_then_the_plan_s_entries(orders: Orders, tmp_path: Path) -> None:
    artifact = orders.write(tmp_path / "out/orders.zip")
    content = artifact.path.read_bytes()
    assert artifact.path == tmp_path / "out/orders.zip"
    assert (artifact.sha256, artifact.bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert not artifact.cached
    with zipfile.ZipFile(artifact.path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == EXPECTED
        assert archive.read("beta/noise.bin") == NOISE
        assert archive.read("app/naïve.txt").decode() == "é"
        assert sum(info.file_size for info in archive.infolist()) == orders.plan.unzipped_bytes


def test_every_header_keeps_the_contract(orders: Orders, tmp_path: Path) -> None:
    path = orders.write(tmp_path / "orders.zip").path
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert (info.create_system, info.create_version, info.extract_version) == (3, 20, 20)
            assert info.flag_bits == (0 if info.filename.isascii() else 0x800)
            assert (info.extra, info.comment, info.internal_attr) == (b"", b"", 0)
            executable = info.filename in ("alpha/tool", "app/run.sh")
            assert info.external_attr == (0o100755 if executable else 0o100644) << 16
            assert info.compress_size < info.file_size or info.compress_type == zipfile.ZIP_STORED
        assert archive.comment == b""
        data = [(info.header_offset, info) for info in archive.infolist()]
    ends = [at + 30 + len(info.filename.encode()) + info.compress_size for at, info in data]
    assert [at for at, _ in data] == [0, *ends[:-1]]
    assert path.read_bytes()[ends[-1] :].startswith(b"PK\1\2")


def test_info_zip_reads_it_without_a_warning(orders: Orders, tmp_path: Path) -> None:
    path = orders.write(tmp_path / "orders.zip").path
    tested = subprocess.run(["unzip", "-t", path], capture_output=True, text=True, check=True)
    assert tested.stderr == ""
    assert "warning" not in tested.stdout
    assert tested.stdout.endswith(
        "No errors detected in compressed data of orders.zip.\n".replace("orders.zip", str(path))
    )
    listed = subprocess.run(["zipinfo", path], capture_output=True, text=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert listed.stderr == ""
    modes = {line.split()[-1]: line.split()[0] for line in listed.stdout.splitlines()[2:-1]}
    assert modes["app/run.sh"] == "-rwxr-xr-x"
    assert modes["app/handler.py"] == "-rw-r--r--"
    assert listed.stdout.splitlines()[-1].startswith("16 files, ")


def test_an_artifact_without_any_file(tmp_path: Path) -> None:
    artifact = write_zip(plan_of(), {}, PackedFiles(ServiceTree(tmp_path)), tmp_path / "empty.zip")
    assert artifact.bytes == 22
    with zipfile.ZipFile(artifact.path) as archive:
        assert archive.namelist() == []


def test_an_artifact_without_distributions(orders: Orders, tmp_path: Path) -> None:
    artifact = orders.write(tmp_path / "own.zip", plan_of(orders.own))
    assert artifact.sha256 == hashlib.sha256(artifact.path.read_bytes()).hexdigest()


def test_the_previous_artifact_is_replaced(orders: Orders, tmp_path: Path) -> None:
    destination = tmp_path / "orders.zip"
    destination.write_bytes(b"x" * 1_000_000)
    before = destination.stat().st_ino
    artifact = orders.write(destination)
    assert destination.stat().st_size == artifact.bytes
    assert destination.stat().st_ino != before


def test_the_artifact_has_the_permissions_of_any_file(orders: Orders, tmp_path: Path) -> None:
    path = orders.write(tmp_path / "orders.zip").path
    plain = tmp_path / "plain"
    plain.touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_file_that_changed_since_it_was_planned(orders: Orders, tmp_path: Path) -> None:
    destination = tmp_path / "out/orders.zip"
    before = orders.write(destination).path.read_bytes()
    (orders.root / "app/handler.py").write_text("changed")
    with pytest.raises(SlspackError) as caught:
        orders.write(destination)
    [finding] = caught.value.findings
    assert finding.code is Code.FILE_CHANGED
    assert finding.message == "`app/handler.py` changed while the artifact was being written"
    assert str(finding.at) == "app/handler.py"
    assert destination.read_bytes() == before
    assert [path.name for path in destination.parent.iterdir()] == ["orders.zip"]


def test_no_kernel_copying(orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = orders.write(tmp_path / "kernel.zip").path.read_bytes()
    monkeypatch.delattr(os, "copy_file_range", raising=False)
    assert orders.write(tmp_path / "buffer.zip").path.read_bytes() == expected


NAME = st.lists(
    st.text(
        st.characters(codec="utf-8", exclude_characters="/\\:\0", exclude_categories=["Cs"]), min_size=1, max_size=6
    ),
    min_size=1,
    max_size=3,
).map("/".join)
CONTENT = st.one_of(st.binary(max_size=300), st.binary(max_size=9).map(lambda part: part * 1000))


@settings(max_examples=60, deadline=None)
@given(files=st.dictionaries(NAME, st.tuples(CONTENT, st.booleans()), max_size=8))
def test_any_files_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, tuple[bytes, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    entries = [generated(name, content, executable=executable) for name, (content, executable) in files.items()]
    path = write_zip(plan_of(entries), {}, PackedFiles(ServiceTree(folder)), folder / "any.zip").path
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        read = {i.filename: (archive.read(i), i.external_attr >> 16 == 0o100755) for i in archive.infolist()}
    assert read == files


def test_more_entries_than_a_zip_can_count_without_zip64(tmp_path: Path) -> None:
    entries = [generated(f"{number:05}", b"") for number in range(65_536)]
    path = write_zip(plan_of(entries), {}, PackedFiles(ServiceTree(tmp_path)), tmp_path / "many.zip").path
    with zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) == 65_536
    listed = subprocess.run(["unzip", "-tqq", path], capture_output=True, text=True, check=False)
    assert (listed.returncode, listed.stdout, listed.stderr) == (0, "", "")


@pytest.mark.parametrize("limit", [1, 500, 5_000, 100_000])
def test_sizes_and_offsets_that_need_zip64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """The same code as beyond 4 GB, with the limit brought down so that small files pass it."""
    monkeypatch.setattr(ziprecords, "LIMIT_32", limit)
    orders = Orders(tmp_path)
    path = orders.write(tmp_path / "large.zip").path
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == EXPECTED
        assert archive.read("beta/noise.bin") == NOISE
        for info in archive.infolist():
            large = max(info.file_size, info.compress_size, info.header_offset) >= limit
            assert info.extract_version == (45 if large else 20)
    tested = subprocess.run(["unzip", "-tqq", path], capture_output=True, text=True, check=False)
    assert (tested.returncode, tested.stdout, tested.stderr) == (0, "", "")


def test_no_reserving_of_space(orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = orders.write(tmp_path / "reserved.zip").path.read_bytes()

    def refusing(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(os, "posix_fallocate", refusing, raising=False)
    assert orders.write(tmp_path / "refused.zip").path.read_bytes() == expected
    monkeypatch.delattr(os, "posix_fallocate")
    assert orders.write(tmp_path / "without.zip").path.read_bytes() == expected

"""Wheels made the same whatever made them."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from slspack.builds.normalised import normalise
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path


def test_order_times_compression_and_modes_do_not_matter(tmp_path: Path) -> None:
    files = {"a/__init__.py": "A = 1\n", "a/tool": "#!/bin/sh\n", 'a/odd,"name".txt': "x"}
    one = make_wheel(tmp_path / "one", "a", files=files, executable=["a/tool"], date=(2020, 1, 1, 0, 0, 0))
    other = make_wheel(
        tmp_path / "two", "a", files=dict(reversed(files.items())) | {"a/__pycache__/a.cpython-311.pyc": b"x"},
        executable=["a/tool"], compression=zipfile.ZIP_STORED,
    )  # fmt: skip
    normalise(one, tmp_path / "1.whl")
    normalise(other, tmp_path / "2.whl")
    assert (tmp_path / "1.whl").read_bytes() == (tmp_path / "2.whl").read_bytes()
    with zipfile.ZipFile(tmp_path / "1.whl") as wheel:
        modes = {info.filename: info.external_attr >> 16 for info in wheel.infolist()}
        assert {info.date_time for info in wheel.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        record = list(csv.reader(io.StringIO(wheel.read("a-1.0.dist-info/RECORD").decode())))
    assert (modes["a/tool"], modes["a/__init__.py"]) == (0o100755, 0o100644)
    assert sorted(row[0] for row in record) == sorted(modes)


def test_what_is_no_wheel(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as archive:
        archive.writestr("a.py", "")
    with pytest.raises(ValueError, match="has no `"):
        normalise(tmp_path / "a.whl", tmp_path / "b.whl")

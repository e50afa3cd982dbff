from __future__ import annotations

import hashlib
import struct
import subprocess
import sys
import zipfile
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slspack.bundle.copying import BUFFER
from slspack.bundle.deflate import COMPRESSOR, pack
from slspack.bundle.segments import find_segment, segment_for
from slspack.bundle.zipwriter import PackedFiles, write_zip
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import ArchivePath, Selection
from slspack.store import Store
from slspack.tree import ServiceTree
from tests.support.bundles import facts_of, part_of, plan_of
from tests.support.stores import files_in
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.bundle.deflate import Packed
    from slspack.bundle.segments import Segment

TEXT = b"All work and no play makes Jack a dull boy.\n" * 50
NOISE = hashlib.shake_256(b"noise").digest(5000)


def make_odd_wheel(path: Path, files: Mapping[str, tuple[bytes, int]], *, force_zip64: bool = False) -> Path:
    """A wheel whose members each have a compression method of their own."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, (content, method) in files.items():
            info = zipfile.ZipInfo(name, (2020, 2, 2, 2, 2, 2))
            info.compress_type = method
            info.external_attr = 0o100644 << 16
            with archive.open(info, "w", force_zip64=force_zip64) as stream:
                stream.write(content)
    return path


def zip_of(wheel: Path, folder: Path) -> Path:
    """The artifact of that one wheel."""
    facts = facts_of(wheel)
    segment = segment_for(wheel, facts, Selection(), Store(folder / "store"))
    return write_zip(
        plan_of(wheels=[part_of(facts)]),
        {facts.name: segment},
        PackedFiles(ServiceTree(folder)),
        folder / "artifact.zip",
    ).path


def names(segment: Segment) -> list[str]:
    return [entry.name for entry, _ in segment.entries()]


def raw_data(archive: Path, name: str) -> bytes:
    """A member's data as it stands in the file."""
    with zipfile.ZipFile(archive) as opened:
        info = opened.getinfo(name)
    content = archive.read_bytes()
    name_length, extra_length = struct.unpack_from("<2H", content, info.header_offset + 26)
    start = info.header_offset + 30 + name_length + extra_length
    return content[start : start + info.compress_size]


def test_deflated_members_are_copied_as_they_are(tmp_path: Path) -> None:
    # zlib's bytes at level 1, which libdeflate would never give.
    wheel = tmp_path / "quick-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("quick.py", TEXT)
    artifact = zip_of(wheel, tmp_path)
    assert raw_data(artifact, "quick.py") == raw_data(wheel, "quick.py")
    assert raw_data(artifact, "quick.py") != pack(TEXT).data


def test_stored_members_are_deflated_where_that_gains(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "plain", files={"text.py": TEXT, "noise.bin": NOISE}, compression=zipfile.ZIP_STORED)
    artifact = zip_of(wheel, tmp_path)
    with zipfile.ZipFile(artifact) as archive:
        assert archive.getinfo("text.py").compress_type == zipfile.ZIP_DEFLATED
        assert archive.getinfo("noise.bin").compress_type == zipfile.ZIP_STORED
        assert archive.read("text.py") == TEXT
        assert archive.read("noise.bin") == NOISE


def test_deflated_members_that_gained_nothing_are_stored(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "empty", files={"empty/__init__.py": b"", "empty/noise.bin": NOISE})
    with zipfile.ZipFile(wheel) as archive:
        assert archive.getinfo("empty/__init__.py").compress_size == 2
    with zipfile.ZipFile(zip_of(wheel, tmp_path)) as archive:
        assert archive.getinfo("empty/__init__.py").compress_size == 0
        assert archive.getinfo("empty/noise.bin").compress_type == zipfile.ZIP_STORED
        assert archive.read("empty/noise.bin") == NOISE


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_deflated_again(tmp_path: Path, method: int) -> None:
    wheel = make_odd_wheel(tmp_path / "odd-1.0-py3-none-any.whl", {"odd.py": (TEXT, method)})
    with zipfile.ZipFile(zip_of(wheel, tmp_path)) as archive:
        assert archive.getinfo("odd.py").compress_type == zipfile.ZIP_DEFLATED
        assert archive.read("odd.py") == TEXT


def test_data_descriptors_of_a_wheel_are_not_carried_over(tmp_path: Path) -> None:
    wheel = tmp_path / "streamed-1.0-py3-none-any.whl"

    class Pipe:
        """A file that cannot be sought, which makes `zipfile` write data descriptors."""

        def __init__(self) -> None:
            self.stream = wheel.open("wb")

        def write(self, data: bytes) -> int:
            return self.stream.write(data)

        def flush(self) -> None:
            self.stream.flush()

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        archive.writestr("a.py", TEXT)
        archive.writestr("b.py", TEXT + b"#")
    pipe.stream.close()
    with zipfile.ZipFile(wheel) as archive:
        assert archive.getinfo("a.py").flag_bits & 8
    with zipfile.ZipFile(zip_of(wheel, tmp_path)) as archive:
        assert [info.flag_bits for info in archive.infolist()] == [0, 0]
        assert archive.read("b.py") == TEXT + b"#"


CONTENT = st.one_of(st.binary(max_size=200), st.binary(max_size=20).map(lambda part: part * 400))
METHOD = st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
NAME = st.lists(st.text("abcé_-1. ", min_size=1, max_size=4).filter(lambda p: p.strip(".")), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None)
@given(
    files=st.dictionaries(NAME.map("/".join), st.tuples(CONTENT, METHOD), max_size=6),
    force_zip64=st.booleans(),
)
def test_any_wheel_gives_its_content(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, tuple[bytes, int]], force_zip64: bool
) -> None:
    folder = tmp_path_factory.mktemp("wheel")
    wheel = make_odd_wheel(folder / "odd-1.0-py3-none-any.whl", files, force_zip64=force_zip64)
    with zipfile.ZipFile(zip_of(wheel, folder)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {n: c for n, (c, _) in files.items()}
        assert archive.namelist() == sorted(files, key=str.encode)
        assert all(info.compress_size <= info.file_size and not info.extra for info in archive.infolist())


def test_a_segment_is_made_once_and_found_without_the_wheel(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    wheel = make_wheel(tmp_path, "once", files={"once/a.py": TEXT, "once/é.py": b""})
    facts = facts_of(wheel)
    assert find_segment(facts.sha256, Selection(), store) is None
    made = segment_for(wheel, facts, Selection(), store)
    wheel.unlink()
    assert find_segment(facts.sha256, Selection(), store) == made
    assert segment_for(wheel, facts, Selection(), store) == made
    assert made.count == 4
    assert names(made) == sorted(names(made), key=str.encode)
    assert made.unzipped_bytes == part_of(facts).unzipped_bytes


@pytest.mark.parametrize("damage", ["truncated", "empty", "longer"])
def test_a_damaged_segment_is_made_again(tmp_path: Path, damage: str) -> None:
    store = Store(tmp_path / "store")
    wheel = make_wheel(tmp_path, "again", files={"again.py": TEXT})
    facts = facts_of(wheel)
    made = segment_for(wheel, facts, Selection(), store)
    whole = made.path.read_bytes()
    made.path.write_bytes({"truncated": whole[:-9], "empty": b"", "longer": whole[:3] + whole}[damage])
    assert find_segment(facts.sha256, Selection(), store) is None
    assert segment_for(wheel, facts, Selection(), store) == made
    assert made.path.read_bytes() == whole


def test_the_bytes_of_a_segment_are_pinned(tmp_path: Path) -> None:
    """If this fails, the format or the compressor changed: raise FORMAT_VERSION or COMPRESSOR, then this digest."""
    files = {"pinned/__init__.py": b"", "pinned/text.py": TEXT, "pinned/noise.bin": NOISE, "pinned/é.sh": b"#!/bin/sh"}
    wheel = make_wheel(tmp_path, "pinned", files=files, executable=["pinned/é.sh"], compression=zipfile.ZIP_STORED)
    digest = hashlib.sha256(zip_of(wheel, tmp_path).read_bytes()).hexdigest()
    assert digest == "8d4c7ef8efe3c0f3a3ea4cb954f15f1e8c3a178a8a0738f42b2636209c0070a5"


def test_the_compressor_is_the_one_that_keys_name() -> None:
    import deflate

    assert f"deflate {deflate.__version__}, level 6" == COMPRESSOR


@settings(max_examples=80, deadline=None)
@given(without=st.sets(st.sampled_from("abcdefg")))
def test_spans_leave_out_just_what_they_should(tmp_path_factory: pytest.TempPathFactory, without: set[str]) -> None:
    folder = tmp_path_factory.mktemp("spans")
    wheel = folder / "spans-1.0-py3-none-any.whl"
    make_odd_wheel(wheel, {letter: (letter.encode() * 30, zipfile.ZIP_DEFLATED) for letter in "abcdefg"})
    facts = facts_of(wheel)
    segment = segment_for(wheel, facts, Selection(), Store(folder / "store"))
    artifact = write_zip(
        plan_of(wheels=[part_of(facts, without)]),
        {facts.name: segment},
        PackedFiles(ServiceTree(folder)),
        folder / "artifact.zip",
    )
    with zipfile.ZipFile(artifact.path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [letter for letter in "abcdefg" if letter not in without]
    spans = segment.spans({ArchivePath(letter) for letter in without})
    assert all(before.last < after.first for before, after in pairwise(spans))


def damaged(wheel: Path, old: bytes, new: bytes, *, last: bool = False) -> Path:
    """The wheel with the first (or last) occurrence of some bytes replaced by as many others."""
    assert len(old) == len(new)
    content = wheel.read_bytes()
    at = content.rindex(old) if last else content.index(old)
    wheel.write_bytes(content[:at] + new + content[at + len(old) :])
    return wheel


def claim_deflated(wheel: Path, data: bytes, packed: Packed) -> None:
    """A wheel with these bytes for a member that its directory says to be that one, deflated."""
    make_odd_wheel(wheel, {"a.py": (data, zipfile.ZIP_STORED)})
    patched = bytearray(wheel.read_bytes())
    central = patched.index(b"PK\1\2")
    struct.pack_into("<H", patched, central + 10, zipfile.ZIP_DEFLATED)
    struct.pack_into("<L", patched, central + 16, packed.crc)
    struct.pack_into("<L", patched, central + 24, packed.size)
    wheel.write_bytes(patched)


def failure(wheel: Path, folder: Path) -> str:
    store = Store(folder / "store")
    with pytest.raises(SlspackError) as caught:
        segment_for(wheel, facts_of(wheel), Selection(), store)
    [finding] = caught.value.findings
    assert finding.code is Code.BAD_WHEEL
    assert finding.hint is not None
    assert files_in(store) == []
    return finding.message


@pytest.fixture(params=["at once", "in chunks"])
def _reading(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Members are read in one of two ways, by their size."""
    if request.param == "in chunks":
        monkeypatch.setattr("slspack.bundle.members._AT_ONCE", 0)


def test_content_that_does_not_match_its_checksum(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "broken", files={"a.py": NOISE}, compression=zipfile.ZIP_STORED)
    damaged(wheel, NOISE[:8], b"12345678")
    assert failure(wheel, tmp_path) == ("the wheel of `broken` 1.0 is malformed: `a.py` does not match its checksum")


@pytest.mark.usefixtures("_reading")
def test_deflated_data_that_is_damaged(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "broken", files={"a.py": TEXT})
    data = raw_data(wheel, "a.py")
    damaged(wheel, data, b"\xff" * len(data))
    assert "`a.py` cannot be read: Error -3 while decompressing data" in failure(wheel, tmp_path)


@pytest.mark.usefixtures("_reading")
def test_deflated_data_that_ends_early(tmp_path: Path) -> None:
    wheel = tmp_path / "broken-1.0-py3-none-any.whl"
    packed = pack(NOISE + TEXT)
    claim_deflated(wheel, packed.data[:-5], packed)
    assert failure(wheel, tmp_path).endswith("`a.py` cannot be read: its data is not one whole deflate stream")


@pytest.mark.usefixtures("_reading")
def test_deflated_data_with_something_behind_it(tmp_path: Path) -> None:
    wheel = tmp_path / "broken-1.0-py3-none-any.whl"
    packed = pack(NOISE + TEXT)
    claim_deflated(wheel, packed.data + b"more", packed)
    assert failure(wheel, tmp_path).endswith("`a.py` cannot be read: its data is not one whole deflate stream")


@pytest.mark.usefixtures("_reading")
def test_a_member_of_more_bytes_than_are_read_at_a_time(tmp_path: Path) -> None:
    content = b"".join(hashlib.sha256(b"%d" % number).digest() + b"and so on " for number in range(20_000))
    wheel = make_wheel(tmp_path, "large", files={"large.py": content})
    assert len(raw_data(wheel, "large.py")) > 2 * BUFFER
    with zipfile.ZipFile(zip_of(wheel, tmp_path)) as archive:
        assert archive.read("large.py") == content


@pytest.mark.usefixtures("_reading")
def test_a_member_larger_than_it_claims(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "broken", files={"a.py": TEXT})
    damaged(wheel, struct.pack("<L", len(TEXT)), struct.pack("<L", len(TEXT) - 1), last=True)
    assert f"`a.py` is larger than the {len(TEXT) - 1} bytes" in failure(wheel, tmp_path)


def test_an_encrypted_member(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "broken", files={"a.py": TEXT})
    patched = bytearray(wheel.read_bytes())
    patched[6] |= 1
    wheel.write_bytes(patched)
    assert failure(wheel, tmp_path).endswith("`a.py` is encrypted")


def test_an_unknown_method(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "broken", files={"a.py": TEXT})
    patched = bytearray(wheel.read_bytes())
    struct.pack_into("<H", patched, patched.index(b"PK\1\2") + 10, 93)
    wheel.write_bytes(patched)
    assert failure(wheel, tmp_path).endswith("`a.py` is compressed by method 93, which pip cannot read")


@pytest.mark.usefixtures("_reading")
def test_another_name_in_the_member_s_own_header(tmp_path: Path) -> None:
    wheel = damaged(make_wheel(tmp_path, "broken", files={"a.py": TEXT}), b"a.py", b"b.py")
    assert failure(wheel, tmp_path).endswith("`a.py` has another name in the wheel's directory than in its own header")


@pytest.mark.usefixtures("_reading")
def test_a_directory_that_points_nowhere(tmp_path: Path) -> None:
    wheel = damaged(make_wheel(tmp_path, "broken", files={"a.py": TEXT}), b"PK\3\4", b"PK\3\5")
    assert failure(wheel, tmp_path).endswith("`a.py` is not where the wheel's directory says")


def test_two_different_members_for_one_place(tmp_path: Path) -> None:
    files = {"a.py": "1", "broken-1.0.data/purelib/a.py": "2"}
    assert failure(make_wheel(tmp_path, "broken", files=files), tmp_path).endswith(
        "`broken-1.0.data/purelib/a.py` differs from `a.py` but is installed in its place"
    )


def test_two_equal_members_for_one_place_are_one_entry(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "twice", files={"a.py": "1", "twice-1.0.data/purelib/a.py": "1"})
    segment = segment_for(wheel, facts_of(wheel), Selection(), Store(tmp_path / "store"))
    assert names(segment).count("a.py") == 1


@pytest.mark.usefixtures("_reading")
def test_a_wheel_that_ends_early(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "broken", files={"a.py": NOISE})
    facts = facts_of(wheel)
    wheel.write_bytes(wheel.read_bytes()[:2000])
    with pytest.raises(SlspackError) as caught:
        segment_for(wheel, facts, Selection(), Store(tmp_path / "store"))
    assert "`a.py` cannot be read: " in str(caught.value)
    assert "bytes too early" in str(caught.value)


def test_files_stand_where_pip_puts_them(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "layout/__init__.py": "",
        "layout/tool.sh": "#!/bin/sh\n",
        "layout/__pycache__/stale.cpython-311.pyc": b"stale",
        "layout-1.0.data/purelib/pure.py": "pure",
        "layout-1.0.data/platlib/plat.py": "plat",
        "layout-1.0.data/data/share/layout/table.csv": "a,b",
        "layout-1.0.data/scripts/layout-tool": "#!/bin/sh\n",
        "layout-1.0.data/headers/layout.h": "int x;",
    }
    executable = ["layout/tool.sh", "layout-1.0.data/scripts/layout-tool"]
    wheel = make_wheel(tmp_path, "layout", files=files, executable=executable)
    target = tmp_path / "target"
    arguments = ["install", "-q", "--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", *arguments, "--root-user-action=ignore", "--target", str(target), str(wheel)],
        check=True,
    )
    by_pip = {
        path.relative_to(target).as_posix(): (path.read_bytes(), bool(path.stat().st_mode & 0o100))
        for path in target.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    # Headers are for building other wheels, and pip's place for them is named after the Python that installs.
    by_pip = {path: content for path, content in by_pip.items() if not path.startswith("include/")}
    for record in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
        by_pip.pop(f"layout-1.0.dist-info/{record}", None)
    with zipfile.ZipFile(zip_of(wheel, tmp_path)) as archive:
        ours = {
            info.filename: (archive.read(info), bool(info.external_attr >> 16 & 0o100)) for info in archive.infolist()
        }
    assert ours == by_pip

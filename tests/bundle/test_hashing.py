"""The sha256 of what is joined: each beginning is read once, and what cannot be read is not remembered."""

from __future__ import annotations

import hashlib
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slspack.bundle import hashing
from slspack.bundle.copying import BUFFER
from slspack.bundle.hashing import Beginnings, StreamDigest

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.bundle.hashing import Ranges

CONTENT = hashlib.shake_256(b"content").digest(3 * BUFFER)
PARTS = st.tuples(st.integers(0, 2 * BUFFER), st.one_of(st.integers(0, 50), st.integers(0, BUFFER)))


def digest(ranges: Ranges, pieces: list[bytes], beginnings: Beginnings) -> str:
    with StreamDigest(ranges, beginnings) as made:
        for piece in pieces:
            made.add(piece)
        return made.finish()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hashing") / "segment"
    path.write_bytes(CONTENT)
    return path


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(PARTS, max_size=4), pieces=st.lists(st.binary(max_size=20), max_size=20))
def test_it_is_that_of_all_the_bytes(file: Path, parts: list[tuple[int, int]], pieces: list[bytes]) -> None:
    ranges = tuple((file, start, length) for start, length in parts)
    expected = hashlib.sha256(b"".join([*(CONTENT[s : s + n] for s, n in parts), *pieces])).hexdigest()
    beginnings = Beginnings()
    assert digest(ranges, pieces, beginnings) == expected
    assert digest(ranges, pieces, beginnings) == expected, "what is known is not what others went on from"


@pytest.mark.parametrize("length", [10, 2 * BUFFER])
def test_what_cannot_be_read_or_is_another_file_is_not_remembered(tmp_path: Path, length: int) -> None:
    path, beginnings = tmp_path / "segment", Beginnings()
    ranges = ((path, 0, length),)
    with pytest.raises(FileNotFoundError):
        digest(ranges, [b"more"] * 100, beginnings)
    path.write_bytes(CONTENT)
    expected = hashlib.sha256(CONTENT[:length]).hexdigest()
    assert digest(ranges, [], beginnings) == expected
    path.write_bytes(CONTENT[::-1])
    assert digest(ranges, [], beginnings) == hashlib.sha256(CONTENT[::-1][:length]).hexdigest()


def test_threads_that_ask_at_once_wait_for_one(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Ranges] = []
    hashed = hashing._hashed

    def noting(ranges: Ranges) -> hashing._Hash:
        read.append(ranges)
        return hashed(ranges)

    monkeypatch.setattr(hashing, "_hashed", noting)
    beginnings, together, found = Beginnings(), Barrier(8), set[str]()
    ranges = ((file, 0, 2 * BUFFER),)

    def ask() -> None:
        together.wait(60)
        found.add(digest(ranges, [b"end"], beginnings))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == [ranges]
    assert found == {hashlib.sha256(CONTENT[: 2 * BUFFER] + b"end").hexdigest()}


def test_only_so_many_are_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "_MOST_BEGINNINGS", 2)
    beginnings = Beginnings()
    for length in (1, 2, 3, 1):
        assert digest(((file, 0, length),), [], beginnings) == hashlib.sha256(CONTENT[:length]).hexdigest()
    assert len(beginnings._known) == len(beginnings._making) == 2

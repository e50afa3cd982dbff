"""Objects: written whole or not at all, and thrown away once they are not what they were."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from slspack.keys import digest_bytes, digest_file, key_of
from slspack.store import Kind, Store, renaming
from slspack.store import receipt as receipts
from slspack.store import store as store_module
from slspack.store.receipt import read_receipt, receipt_path
from tests.support.stores import files_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slspack.model import Digest

CONTENT = b"all work and no play"
WHEEL = digest_bytes(CONTENT)
KEY = key_of("test", 1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def alter(path: Path, content: bytes, *, modified: int | None = None) -> None:
    """Other content in the same file."""
    before = path.stat().st_mtime_ns
    path.write_bytes(content)
    after = before + 1_000_000 if modified is None else modified
    os.utime(path, ns=(after, after))


def test_what_is_written_is_found(store: Store) -> None:
    assert store.find(Kind.SEGMENT, KEY) is None
    path = store.write(Kind.SEGMENT, KEY, CONTENT)
    assert (store.find(Kind.SEGMENT, KEY), store.read(Kind.SEGMENT, KEY)) == (path, CONTENT)
    assert store.find(Kind.FACTS, KEY) is None
    assert Store(store.root).read(Kind.SEGMENT, KEY) == CONTENT
    assert files_in(store) == [path]


def test_what_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), store.writing(Kind.SEGMENT, KEY) as temporary:  # noqa: PT012
        temporary.write_bytes(CONTENT)
        raise KeyboardInterrupt
    assert (store.find(Kind.SEGMENT, KEY), files_in(store), store.wrote) == (None, [], False)


def test_a_content_addressed_key_must_be_the_content_s(store: Store) -> None:
    with pytest.raises(ValueError, match=f"content with the sha256 {WHEEL} cannot be kept as {KEY}"):
        store.write(Kind.WHEEL, KEY, CONTENT)
    assert files_in(store) == []


@pytest.mark.parametrize(("kind", "key"), [(Kind.WHEEL, WHEEL), (Kind.SEGMENT, KEY)])
@pytest.mark.parametrize("altered", [b"", CONTENT[:-1], CONTENT.upper(), CONTENT + b"!"])
def test_an_altered_object_is_thrown_away(store: Store, kind: Kind, key: Digest, altered: bytes) -> None:
    path = store.write(kind, key, CONTENT)
    alter(path, altered)
    assert store.find(kind, key) is None
    assert files_in(store) == []
    assert not receipt_path(path).exists()
    assert store.write(kind, key, CONTENT) == path
    assert store.read(kind, key) == CONTENT


def test_a_truncated_object_is_noticed_though_its_time_is_the_same(store: Store) -> None:
    path = store.write(Kind.SEGMENT, KEY, CONTENT)
    alter(path, CONTENT[:5], modified=path.stat().st_mtime_ns)
    assert store.find(Kind.SEGMENT, KEY) is None


def test_reading_notices_what_metadata_does_not_show(store: Store) -> None:
    path = store.write(Kind.FACTS, KEY, CONTENT)
    alter(path, CONTENT.upper(), modified=path.stat().st_mtime_ns)
    assert store.find(Kind.FACTS, KEY) == path
    assert store.read(Kind.FACTS, KEY) is None
    assert files_in(store) == []


def test_a_sound_object_with_another_time_is_hashed_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store.write(Kind.SEGMENT, KEY, CONTENT)
    os.utime(path, ns=(10**18, 10**18))
    hashed: list[Path] = []

    def counted(path: Path) -> Digest:
        hashed.append(path)
        return digest_file(path)

    monkeypatch.setattr(store_module, "digest_file", counted)
    assert [store.find(Kind.SEGMENT, KEY) for _ in range(3)] == [path] * 3
    assert hashed == [path]


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\xff", b"slspack-receipt/1 a b c d\n"])
def test_without_a_receipt_only_content_addressed_objects_are_trusted(store: Store, damage: bytes) -> None:
    wheel, segment = store.write(Kind.WHEEL, WHEEL, CONTENT), store.write(Kind.SEGMENT, KEY, CONTENT)
    receipt_path(wheel).write_bytes(damage)
    receipt_path(segment).write_bytes(damage)
    assert store.find(Kind.WHEEL, WHEEL) == wheel
    assert store.find(Kind.SEGMENT, KEY) is None
    assert read_receipt(wheel) is not None
    receipt_path(wheel).unlink()
    assert store.find(Kind.WHEEL, WHEEL) == wheel


def test_a_wheel_whose_receipt_tells_of_other_content(store: Store) -> None:
    wheel, other = store.write(Kind.WHEEL, WHEEL, CONTENT), store.write(Kind.FACTS, KEY, b"other")
    receipt_path(wheel).write_bytes(receipt_path(other).read_bytes())
    assert store.find(Kind.WHEEL, WHEEL) == wheel
    dated = read_receipt(wheel)
    assert dated is not None
    assert dated.receipt is not None
    assert dated.receipt.sha256 == WHEEL


def test_after_a_restart_an_object_is_hashed_once_more_and_then_trusted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a crash may leave: the right size and time, and zeros where content was never written to the disk.
    path, lost = store.write(Kind.SEGMENT, KEY, CONTENT), store.write(Kind.SEGMENT, WHEEL, CONTENT)
    alter(lost, bytes(len(CONTENT)), modified=lost.stat().st_mtime_ns)
    assert store.find(Kind.SEGMENT, WHEEL) == lost
    monkeypatch.setattr(receipts, "boot_id", lambda: "another")
    assert store.find(Kind.SEGMENT, WHEEL) is None
    assert store.find(Kind.SEGMENT, KEY) == path
    dated = read_receipt(path)
    assert dated is not None
    assert dated.receipt is not None
    assert dated.receipt.boot == "-"


def test_where_the_system_names_no_boot_content_is_flushed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(receipts, "boot_id", lambda: None)
    monkeypatch.setattr(store_module, "boot_id", lambda: None)
    monkeypatch.setattr(os, "fsync", flushed.append)
    path = store.write(Kind.SEGMENT, KEY, CONTENT)
    assert len(flushed) == 1
    assert store.find(Kind.SEGMENT, KEY) == path


def test_where_the_boot_id_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    receipts.boot_id.cache_clear()
    monkeypatch.setattr(receipts, "_BOOT_ID", tmp_path / "none")
    try:
        assert receipts.boot_id() is None
    finally:
        receipts.boot_id.cache_clear()


def test_the_same_object_written_again_stays_the_file_that_it_was(store: Store) -> None:
    path = store.write(Kind.SEGMENT, KEY, CONTENT)
    before = path.stat()
    store.write(Kind.SEGMENT, KEY, CONTENT)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_other_content_replaces_what_was_there(store: Store) -> None:
    path = store.write(Kind.RESOLUTION, KEY, CONTENT)
    with path.open("rb") as reader:
        store.write(Kind.RESOLUTION, KEY, b"newer")
        assert reader.read() == CONTENT
    assert store.read(Kind.RESOLUTION, KEY) == b"newer"


def test_writing_over_a_damaged_object_mends_it(store: Store) -> None:
    path = store.write(Kind.SEGMENT, KEY, CONTENT)
    alter(path, b"")
    store.write(Kind.SEGMENT, KEY, CONTENT)
    assert store.read(Kind.SEGMENT, KEY) == CONTENT


class RefusingPath:
    """A file whose renaming is refused for a while, as on Windows if someone has the destination open."""

    def __init__(self, path: Path, refusals: int) -> None:
        self.path = path
        self.refusals = refusals

    def replace(self, destination: Path) -> None:
        if self.refusals:
            self.refusals -= 1
            raise PermissionError(13, "in use")
        self.path.replace(destination)


def test_a_rename_that_is_refused_is_tried_again(tmp_path: Path) -> None:
    source, target = RefusingPath(tmp_path / "source", refusals=2), tmp_path / "target"
    source.path.write_bytes(CONTENT)
    renaming.replace(source, target, pauses=(0, 0, 0))  # type: ignore[arg-type]
    assert target.read_bytes() == CONTENT
    source.refusals = 4
    with pytest.raises(PermissionError):
        renaming.replace(source, target, pauses=(0, 0, 0))  # type: ignore[arg-type]


def test_an_object_in_use_is_not_replaced_by_the_same(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Path, destination: Path) -> None:
        raise PermissionError(13, "in use")

    path = store.write(Kind.SEGMENT, KEY, CONTENT)
    monkeypatch.setattr(store_module, "replace", refuse)
    assert store.write(Kind.SEGMENT, KEY, CONTENT) == path
    with pytest.raises(PermissionError):
        store.write(Kind.SEGMENT, KEY, b"other")
    assert store.read(Kind.SEGMENT, KEY) == CONTENT
    assert files_in(store) == [path]


def test_a_damaged_object_that_cannot_be_removed_is_not_given(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store.write(Kind.SEGMENT, KEY, CONTENT)
    alter(path, b"")
    monkeypatch.setattr(store_module, "remove", lambda _path: False)
    assert store.find(Kind.SEGMENT, KEY) is None
    assert path.exists()


def test_removing_what_is_open_where_that_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Open:
        def unlink(self, *, missing_ok: bool) -> None:
            raise PermissionError(13, f"in use {missing_ok}")

    assert renaming.remove(tmp_path / "absent")
    assert not renaming.remove(Open())  # type: ignore[arg-type]


def test_kinds_that_are_not_kept_go_with_the_process(store: Store) -> None:
    passing = Store(store.root, unkept={Kind.WHEEL})
    path = passing.write(Kind.WHEEL, WHEEL, CONTENT)
    assert (passing.find(Kind.WHEEL, WHEEL), passing.read(Kind.WHEEL, WHEEL)) == (path, CONTENT)
    assert passing.read(Kind.WHEEL, KEY) is None
    assert store.find(Kind.WHEEL, WHEEL) is None
    assert not passing.wrote
    passing.close()
    assert files_in(store) == []
    store.write(Kind.WHEEL, WHEEL, CONTENT)
    assert passing.find(Kind.WHEEL, WHEEL) is None


def test_renewed_kinds_are_there_once_they_are_written(store: Store) -> None:
    store.write(Kind.FACTS, KEY, CONTENT)
    store.write(Kind.WHEEL, WHEEL, CONTENT)
    renewing = Store(store.root, renewed={Kind.FACTS})
    assert renewing.find(Kind.FACTS, KEY) is None
    assert renewing.read(Kind.FACTS, KEY) is None
    assert renewing.read(Kind.WHEEL, WHEEL) == CONTENT
    renewing.write(Kind.FACTS, KEY, b"fresh")
    assert (renewing.read(Kind.FACTS, KEY), store.read(Kind.FACTS, KEY)) == (b"fresh", b"fresh")


def test_the_folder_is_marked_as_a_cache(store: Store) -> None:
    store.write(Kind.FACTS, KEY, CONTENT)
    assert (store.root / "CACHEDIR.TAG").read_text("ascii").startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


def test_a_store_that_can_only_be_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path, altered = store.write(Kind.SEGMENT, KEY, CONTENT), store.write(Kind.SEGMENT, WHEEL, CONTENT)
    wheel = store.write(Kind.WHEEL, WHEEL, CONTENT)
    alter(altered, b"")
    receipt_path(wheel).unlink()

    def refuse(_path: Path) -> Iterator[None]:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(store_module, "holding", refuse)
    reading = Store(store.root)
    assert reading.read(Kind.SEGMENT, KEY) == CONTENT
    assert reading.find(Kind.SEGMENT, KEY) == path
    assert reading.find(Kind.WHEEL, WHEEL) == wheel
    assert reading.find(Kind.SEGMENT, WHEEL) is None
    with pytest.raises(OSError, match="Read-only"):
        reading.write(Kind.FACTS, KEY, CONTENT)

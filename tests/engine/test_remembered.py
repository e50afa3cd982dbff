"""A memory is kept in pieces, and what is read is always the whole of one memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slspack.engine import remembered
from slspack.engine.codec import encode
from slspack.engine.database import Database
from slspack.engine.remembered import KeptMemory
from tests.support.twins import Twins

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.memory import Memory

NAMES = ("a", "b", "c")
KEY = "0" * 64


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Memory:
    """What a build of three functions comes to, of which each makes a piece."""
    monkeypatch.setattr(remembered, "_TOGETHER", 1)
    twins = Twins(tmp_path)
    functions = ", ".join(f"{name}: {{handler: {name}.handler}}" for name in NAMES)
    twins.write(
        {
            "serverless.yml": "service: shop\nprovider: {name: aws, runtime: python3.13}\n"
            f"package: {{individually: true}}\nfunctions: {{{functions}}}\n",
            **{f"{name}.py": "def handler(event, context): return 1\n" for name in NAMES},
        }
    )
    engine = twins.engine()
    engine.build()
    assert engine._memory
    return engine._memory


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "other.db")


def with_plan(memory: Memory, name: str, size: int) -> Memory:
    return replace(memory, plans={**memory.plans, name: replace(memory.plans[name], unzipped_bytes=size)})


def pieces(kept: KeptMemory, memory: Memory) -> list[str]:
    """The pieces that would be written."""
    return [key.removeprefix(KEY) for kind, key, value in kept.rows(memory, KEY) if kind == "memory piece" and value]


def test_what_is_kept_is_read(database: Database, memory: Memory) -> None:
    database.put(KeptMemory(database).rows(memory, KEY))
    assert KeptMemory(database).load(KEY) == memory
    assert KeptMemory(database).load("1" * 64) is None


def test_only_what_was_made_anew_is_written(database: Database, memory: Memory) -> None:
    kept = KeptMemory(database)
    assert len(pieces(kept, memory)) == 7
    database.put(kept.rows(memory, KEY))
    again = KeptMemory(database)
    read = again.load(KEY)
    assert read
    assert pieces(again, read) == []
    edited = with_plan(read, "b", 5)
    assert pieces(again, edited) == [" 5"]
    database.put(again.rows(edited, KEY))
    assert KeptMemory(database).load(KEY) == edited


def test_functions_that_went_leave_nothing(database: Database, memory: Memory) -> None:
    database.put(KeptMemory(database).rows(memory, KEY))
    less = replace(memory, plans={"a": memory.plans["a"]})
    database.put(KeptMemory(database).rows(less, KEY))
    assert KeptMemory(database).load(KEY) == less
    assert not database.get("memory piece", f"{KEY} 6")


def test_two_processes(database: Database, memory: Memory) -> None:
    database.put(KeptMemory(database).rows(memory, KEY))
    first, second = KeptMemory(database), KeptMemory(database)
    one, other = first.load(KEY), second.load(KEY)
    assert one
    assert other
    database.put(second.rows(with_plan(other, "a", 5), KEY))
    database.put(first.rows(with_plan(one, "b", 6), KEY))
    assert KeptMemory(database).load(KEY) == with_plan(memory, "b", 6)


@pytest.mark.parametrize("value", [b"", b"garbage", None])
def test_no_piece_of_another_memory_is_taken(database: Database, memory: Memory, value: bytes | None) -> None:
    database.put(KeptMemory(database).rows(memory, KEY))
    if value is None:
        rows = KeptMemory(database).rows(with_plan(memory, "a", 5), KEY)
        database.put(row for row in rows if row[0] == "memory piece")
    else:
        database.put([("memory piece", f"{KEY} 4", value)])
    assert KeptMemory(database).load(KEY) is None


@pytest.mark.parametrize("value", [b"", b"{}", b"1 2", b"\xff"])
def test_what_is_said_to_be_there_and_is_not(database: Database, memory: Memory, value: bytes) -> None:
    database.put(KeptMemory(database).rows(memory, KEY))
    kept = KeptMemory(database)
    read = kept.load(KEY)
    assert read
    database.put([("memory pieces", KEY, value)])
    database.put(kept.rows(read, KEY))
    assert KeptMemory(database).load(KEY) == memory


def test_a_head_that_is_none(database: Database, memory: Memory) -> None:
    database.put(KeptMemory(database).rows(memory, KEY))
    for value in (b"", b"garbage", encode(()), encode((1, ())), encode(memory)):
        database.put([("memory", KEY, value)])
        assert KeptMemory(database).load(KEY) is None

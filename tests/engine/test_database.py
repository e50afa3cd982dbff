"""The database of a service does not grow without end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.engine.database import Database
from slspack.engine.facts import KeptFacts
from slspack.keys import digest_bytes
from slspack.trace import SourceFacts
from slspack.trace.scanner import source_key
from tests.support.bundles import TARGET

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FACTS = SourceFacts((), (), frozenset(), (), frozenset(), False)


def test_only_what_is_wanted_is_kept_once_there_is_too_much(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.db")
    database.put([("facts", str(number), b"x") for number in range(4)])
    database.put([("memory", "1", b"x")])
    database.prune("facts", 4, lambda: {"2"})
    assert database.get("facts", "1") == b"x"
    database.prune("facts", 3, lambda: {"2", "9"})
    assert [database.get("facts", str(number)) for number in range(4)] == [None, None, b"x", None]
    assert database.get("memory", "1") == b"x"


def test_facts_of_earlier_contents_go_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slspack.engine.facts._SPARE", 3)
    database = Database(tmp_path / "state.db")
    digests = [digest_bytes(bytes([number])) for number in range(6)]
    for count, content in enumerate(digests, 1):
        facts = KeptFacts(database)
        facts[source_key(content, TARGET)] = FACTS
        facts.flush()
        facts.prune([content], [TARGET])
        kept = [one for one in digests if source_key(one, TARGET) in KeptFacts(database)]
        assert kept == (digests[:count] if count <= 5 else digests[5:])

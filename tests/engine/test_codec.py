"""Whatever stands in a database, nothing but slspack's own values comes of it, and nothing runs."""

from __future__ import annotations

import os
import pickle
import subprocess
from pathlib import Path, PosixPath
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slspack.codes import Code
from slspack.engine.codec import NotOursError, _shapes, decode, encode
from slspack.engine.database import Database
from slspack.keys import digest_bytes
from slspack.memory import Changes, Memory
from slspack.model import Finding, Location, Severity
from slspack.trace import SourceFacts
from tests.support.twins import Twins

if TYPE_CHECKING:
    from collections.abc import Callable

FACTS = SourceFacts((), (), frozenset({"a"}), (), frozenset(), open_path=False)


class Hostile:
    """Calls something when it is unpickled."""

    def __init__(self, call: Callable[..., object], *arguments: object) -> None:
        self._call = call
        self._arguments = arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self._call, self._arguments


def sealed(content: bytes) -> bytes:
    """Bytes as somebody who has read the source would put them into a database."""
    return digest_bytes(_shapes() + content).encode() + content


def test_what_is_encoded_comes_back() -> None:
    values = [
        FACTS,
        Changes(files={"a": "0" * 64}, configuration=True),
        Finding(Code.SYNTAX_ERROR, Severity.ERROR, "wrong", Location("a.py", 1, 2)),
    ]
    for value in values:
        assert decode(encode(value), type(value)) == value


@pytest.mark.parametrize("number", range(10))
def test_calls_are_refused(tmp_path: Path, number: int) -> None:
    mark = tmp_path / "called"
    hostile = [
        Hostile(os.system, f"touch {mark}"),
        Hostile(subprocess.getoutput, f"touch {mark}"),
        Hostile(eval, f"open({str(mark)!r}, 'w')"),
        Hostile(exec, f"open({str(mark)!r}, 'w')"),
        Hostile(open, str(mark), "w"),
        Hostile(getattr, FACTS, "names"),
        Hostile(__import__, "os"),
        Hostile(PosixPath.touch, PosixPath(mark)),
        Hostile(encode, FACTS),
        Hostile(Database, mark),
    ][number]
    for value in (hostile, [hostile], {"key": hostile}):
        with pytest.raises(NotOursError):
            decode(sealed(pickle.dumps(value)), SourceFacts)
    assert not mark.exists()


@pytest.mark.parametrize(
    "name",
    [
        "os system", "posix system", "builtins eval", "builtins getattr", "builtins __import__", "builtins object",
        "slspack.model.plan importlib", "slspack.memory posixpath.os", "slspack.engine.codec encode",
        "slspack.memory contents_of", "slspack.memory TYPE_CHECKING", "slspack.stamps os", "slspack.stamps stamp_of",
        "slspack.stamps NamedTuple", "slspack.memory.posixpath join", "slspack.model.service Enum",
        "pathlib os", "pathlib Path.write_text", "slspack.trace.facts.x y", "slspack.codes nothing",
    ],
)  # fmt: skip
def test_names_are_refused_that_are_no_values(name: str) -> None:
    module, _, attribute = name.partition(" ")
    short = b"c" + f"{module}\n{attribute}\n".encode() + b"."
    framed = pickle.PROTO + b"\x04" + b"".join(
        pickle.SHORT_BINUNICODE + bytes([len(text)]) + text.encode() for text in (module, attribute)
    ) + pickle.STACK_GLOBAL + b"."  # fmt: skip
    for content in (short, framed):
        with pytest.raises(NotOursError):
            decode(sealed(content), type)


def test_values_of_another_kind_are_refused() -> None:
    for value in (Changes(), 1, None, {"a": 1}, [FACTS], Path("a")):
        with pytest.raises(NotOursError):
            decode(encode(value), SourceFacts)
    with pytest.raises(NotOursError):
        decode(encode(FACTS), Memory)


@given(st.data())
def test_altered_bytes_are_refused(data: st.DataObject) -> None:
    content = encode(FACTS)
    at = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(NotOursError):
        decode(content[:at], SourceFacts)
    with pytest.raises(NotOursError):
        decode(content[:at] + bytes([content[at] ^ data.draw(st.integers(1, 255))]) + content[at + 1 :], SourceFacts)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content: bytes) -> None:
    for value in (content, sealed(content)):
        with pytest.raises(NotOursError):
            decode(value, SourceFacts)


def test_a_database_that_came_with_a_checkout_is_harmless(tmp_path: Path) -> None:
    mark = tmp_path / "called"
    twins = Twins(tmp_path)
    twins.write(
        {
            "serverless.yml": "service: shop\nprovider: {name: aws, runtime: python3.13}\n"
            "package: {individually: true}\nfunctions: {api: {handler: app.handler}}\n",
            "app.py": "def handler(event, context): return 1\n",
        }
    )
    engine = twins.engine()
    engine.build()
    database = Database(twins.root / ".slspack/state.db")
    hostile = sealed(pickle.dumps(Hostile(os.system, f"touch {mark}")))
    for value in (hostile, b"", b"[]", b"{}", b"[1, 2, 3, 4]", b"null", b"\xff"):
        for kind, key in (
            ("memory", engine._kept.whole.memory),
            ("memory pieces", engine._kept.whole.memory),
            ("memory piece", f"{engine._kept.whole.memory} 0"),
            ("inputs", engine._kept.whole.memory),
            ("outcome", engine._kept.whole.outcome),
        ):
            database.put([(kind, key, value)])
            (twins.root / "app.py").touch()
            twins.check()
    assert not mark.exists()

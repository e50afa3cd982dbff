"""The memory of a build as it is kept: in pieces, of which those that are as they were are not written again."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias, cast

from slspack.engine.codec import NotOursError, decode, digest_in, encode
from slspack.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.engine.database import Database
    from slspack.model import Closure, ModuleGraph, Plan

    Piece: TypeAlias = tuple[str, dict[str, object]]
    """A field of the memory, and some of what it maps."""
    Row: TypeAlias = tuple[str, str, bytes]

_HEAD, _PIECES, _PIECE = "memory", "memory pieces", "memory piece"
_TOGETHER = 100
"""So many functions a piece: to read one more piece takes as long as to read a few functions."""


class KeptMemory:
    """Memories in the database, by key. Each is made of the whole of one build, or there is none."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: list[tuple[Piece, str]] = []
        """The pieces as they were read or written last, each with its digest."""

    def load(self, key: str) -> Memory | None:
        """What was kept last; None where there is nothing, or nothing that is whole."""
        content = self._database.get(_HEAD, key)
        if content is None:
            return None
        try:
            memory, digests = _head(content)
            self._known = [(self._piece(key, number, digest), digest) for number, digest in enumerate(digests)]
        except NotOursError:
            return None
        return replace(
            memory,
            graphs=cast("Mapping[str, ModuleGraph]", self._all("graphs")),
            closures=cast("Mapping[str, Closure]", self._all("closures")),
            plans=cast("Mapping[str, Plan]", self._all("plans")),
        )

    def rows(self, memory: Memory, key: str) -> Iterator[Row]:
        """What has to be written for `load` to give this memory."""
        there = dict(enumerate(self._there(key)))
        known = self._known
        self._known = []
        for number, piece in enumerate(_pieces(memory)):
            digest = known[number][1] if number < len(known) and _is_same(piece, known[number][0]) else None
            if digest is None or there.get(number) != digest:
                content = encode(piece)
                digest = digest_in(content)
                yield _PIECE, _piece_key(key, number), content
            self._known.append((piece, digest))
        yield from ((_PIECE, _piece_key(key, number), b"") for number in there if number >= len(self._known))
        digests = tuple(digest for _, digest in self._known)
        yield _HEAD, key, encode((replace(memory, graphs={}, closures={}, plans={}), digests))
        yield _PIECES, key, " ".join(digests).encode()

    def _all(self, field: str) -> Mapping[str, object]:
        return {name: value for (whose, values), _ in self._known if whose == field for name, value in values.items()}

    def _there(self, key: str) -> list[str]:
        """The digests of the pieces in the database, whoever wrote them last."""
        content = self._database.get(_PIECES, key)
        return content.decode("ascii", "replace").split() if content else []

    def _piece(self, key: str, number: int, digest: str) -> Piece:
        content = self._database.get(_PIECE, _piece_key(key, number))
        if content is None or digest_in(content) != digest:
            raise NotOursError("of another memory")
        match decode(content, tuple):
            case (str() as field, dict() as values):
                return field, values
        raise NotOursError("no piece")


def _head(content: bytes) -> tuple[Memory, tuple[str, ...]]:
    """A memory without its pieces, and their digests."""
    match decode(content, tuple):
        case (Memory() as memory, tuple() as digests):
            return memory, digests
    raise NotOursError("no memory")


def _piece_key(key: str, number: int) -> str:
    return f"{key} {number}"


def _pieces(memory: Memory) -> Iterator[Piece]:
    yield from _chunks("graphs", memory.graphs)
    yield "closures", dict(memory.closures)
    yield from _chunks("plans", memory.plans)


def _chunks(field: str, values: Mapping[str, object]) -> Iterator[Piece]:
    items = iter(values.items())
    while piece := dict(islice(items, _TOGETHER)):
        yield field, piece


def _is_same(piece: Piece, known: Piece) -> bool:
    """Whether they hold the very same values: what a build has not made anew, it has from the memory."""
    (field, values), (known_field, known_values) = piece, known
    return (field, [*values]) == (known_field, [*known_values]) and all(
        value is known_values[name] for name, value in values.items()
    )

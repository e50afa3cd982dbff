"""Digests: the one place that turns values into content keys."""

from __future__ import annotations

import dataclasses
import hashlib
from enum import Enum
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING

from slspack.model import Digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CHUNK = 1 << 20


def digest_bytes(data: bytes) -> Digest:
    """The sha256 of `data`, as lower-case hex."""
    return Digest(hashlib.sha256(data).hexdigest())


def digest_file(path: Path) -> Digest:
    """The sha256 of a file's content, read in chunks."""
    with path.open("rb") as stream:
        return Digest(hashlib.file_digest(stream, "sha256").hexdigest())


def key_of(kind: str, *parts: object) -> Digest:
    """A content key over `parts`: the same values give the same key in every process, on every machine.

    Dataclasses are encoded with their type's name and every field, so that changing any field of any input changes
    the key; sets and mappings are encoded in sorted order. `kind` keeps keys of different uses apart.

    Raises TypeError for a value that has no canonical encoding (a float, a path of the host, an open file).
    """
    hasher = hashlib.sha256()
    hasher.update(_encode(kind))
    for part in parts:
        hasher.update(_encode(part))
    return Digest(hasher.hexdigest())


def _encode(value: object) -> bytes:
    if type(value) is str:  # these two are most of what keys are made of
        return _text(value)
    if type(value) is tuple:
        return _framed(b"l", [_encode(item) for item in value])
    if value is None:
        return b"n"
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, Enum):
        return _framed(b"e", [type(value).__name__.encode(), value.name.encode()])
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return _framed(b"i", [str(value).encode()])
    if isinstance(value, bytes):
        return _framed(b"b", [value])
    return _encode_compound(value)


def _encode_compound(value: object) -> bytes:
    if isinstance(value, tuple | list):
        return _framed(b"l", [_encode(item) for item in value])
    if isinstance(value, set | frozenset):
        return _framed(b"u", sorted(_encode(item) for item in value))
    if isinstance(value, dict):
        return _framed(b"m", sorted(_framed(b"p", [_encode(k), _encode(v)]) for k, v in value.items()))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [_framed(b"p", [name.encode(), _encode(getattr(value, name))]) for name in _fields(type(value))]
        return _framed(b"d", [type(value).__name__.encode(), *fields])
    if isinstance(value, PurePath):
        raise TypeError("a path of this machine cannot be part of a key: use a POSIX path relative to the service")
    raise TypeError(f"{type(value).__name__} has no canonical encoding")


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _text(value: str) -> bytes:
    data = value.encode("utf-8", "surrogatepass")
    return b"s1:%d:%b" % (len(data), data)


def _framed(tag: bytes, parts: Sequence[bytes]) -> bytes:
    """Length-prefix each part, so that no two different values share an encoding."""
    return b"%b%d:%b" % (tag, len(parts), b"".join([b"%d:%b" % (len(part), part) for part in parts]))

"""Compiles sources to `.pyc` files: run by an interpreter of the target's minor, with nothing beside it.

Without an argument it says who it is. With one, the level of optimisation, it compiles. Input: for each source the
lengths of its path and of its content (two little-endian 32-bit numbers), then both. Output: for each source whether
it compiles (one byte), a length, and the `.pyc` or what is wrong. Nothing that is read is run.

What `marshal` writes depends on how often the process happens to refer to an object, and on the order of sets. Here it
is rewritten to a form that depends on the values alone: a string that occurs again is a reference, nothing else is, and
the members of a set are sorted.
"""

from __future__ import annotations

import importlib.util
import marshal
import struct
import sys

TYPE_CHECKING = False  # of `typing`, which need not be loaded
if TYPE_CHECKING:
    from types import CodeType
    from typing import BinaryIO

    Token = bytes | tuple[bytes]

_UNCHECKED = 1
"""PEP 552: known by a hash of its source, which nobody compares when the module is imported."""
_FLAG = 0x80
_PLAIN = {"A": b"a", "Z": b"z", "t": b"u"}
"""Kinds of strings that are interned when they are read: which ones are depends on the process that wrote them, and
code interns those that matter to it by itself."""
_NEW_LAYOUT = sys.version_info >= (3, 11)
_CODE_HEAD = 20 if _NEW_LAYOUT else 24
_REFERENCE = 5
"""The bytes of a reference: a string that is not longer is written again."""


class UnknownFormatError(Exception):
    """This interpreter writes code in a way that is not known here."""


def compiled(source: bytes, path: str, optimize: int) -> bytes:
    """The `.pyc` of a source. Raises whatever compiling raises, and UnknownFormatError."""
    code = compile(source, path, "exec", dont_inherit=True, optimize=optimize)
    body = canonical(code)
    read: CodeType = marshal.loads(body)  # noqa: S302 (written a line above)
    if read != code and canonical(read) != body:  # a constant that is not a number is never equal to itself
        raise UnknownFormatError("the code that is read back is not what was compiled")
    head = importlib.util.MAGIC_NUMBER + struct.pack("<I", _UNCHECKED) + importlib.util.source_hash(source)
    return head + body


def canonical(code: CodeType) -> bytes:
    """What `marshal` reads as this code, always the same for the same values."""
    rewriter = _Rewriter(marshal.dumps(code))
    rewriter.read()
    counts: dict[Token, int] = {}
    for token in rewriter.tokens:
        if type(token) is tuple:
            counts[token] = counts.get(token, 0) + 1
    seen: dict[Token, int] = {}
    out: list[bytes] = []
    for token in rewriter.tokens:
        if type(token) is not tuple:
            out.append(token)  # type: ignore[arg-type]
        elif counts[token] == 1 or len(token[0]) <= _REFERENCE:
            out.append(token[0])
        elif token in seen:
            out.append(b"r" + struct.pack("<I", seen[token]))
        else:
            seen[token] = len(seen)
            out.append(bytes([token[0][0] | _FLAG]) + token[0][1:])
    return b"".join(out)


class _Rewriter:
    """Reads one object that `marshal` wrote, as tokens: strings in tuples of one, anything else as it is."""

    def __init__(self, data: bytes) -> None:
        self.tokens: list[Token] = []
        self._data = data
        self._at = 0
        self._referable: list[list[Token]] = []

    def read(self) -> None:
        """Append the tokens of the next object."""
        kind = self._data[self._at]
        self._at += 1
        place = -1
        if kind & _FLAG:
            place = len(self._referable)
            self._referable.append([])
        began = len(self.tokens)
        self._read_kind(chr(kind & ~_FLAG))
        if place >= 0:
            self._referable[place] = self.tokens[began:]

    def _read_kind(self, kind: str) -> None:
        if kind in "zZ":
            self._string(kind, 1)
        elif kind in "aAut":
            self._string(kind, 4)
        elif kind == "r":
            self.tokens += self._referable[self._number(4)]
        elif kind == ")":
            self._items(kind, 1)
        elif kind in "([":
            self._items(kind, 4)
        elif kind in "<>":
            self._set(kind)
        elif kind == "c":
            self._code()
        elif kind == ":":
            self._all(kind.encode(), 3)
        else:
            self._plain(kind)

    def _plain(self, kind: str) -> None:
        start = self._at
        if kind in "NTF.S0":
            pass
        elif kind == "i":
            self._at += 4
        elif kind == "g":
            self._at += 8
        elif kind == "y":
            self._at += 16
        elif kind == "s":
            self._skip(self._number(4))
        elif kind == "l":
            self._skip(2 * abs(self._number(4, signed=True)))
        else:
            raise UnknownFormatError(f"`marshal` wrote an object of the unknown kind {kind!r}")
        self.tokens.append(kind.encode() + self._data[start : self._at])

    def _string(self, kind: str, width: int) -> None:
        start = self._at
        self._skip(self._number(width))
        self.tokens.append((_PLAIN.get(kind, kind.encode()) + self._data[start : self._at],))

    def _number(self, width: int, *, signed: bool = False) -> int:
        self._at += width
        return int.from_bytes(self._data[self._at - width : self._at], "little", signed=signed)

    def _skip(self, count: int) -> None:
        self._at += count

    def _items(self, kind: str, width: int) -> None:
        start = self._at
        count = self._number(width)
        self._all(kind.encode() + self._data[start : self._at], count)

    def _all(self, head: bytes, count: int) -> None:
        self.tokens.append(head)
        for _ in range(count):
            self.read()

    def _set(self, kind: str) -> None:
        start = self._at
        count = self._number(4)
        self.tokens.append(kind.encode() + self._data[start : self._at])
        first = len(self.tokens)
        members = []
        for _ in range(count):
            began = len(self.tokens)
            self.read()
            members.append(self.tokens[began:])
        members.sort(key=_bytes_of)
        self.tokens[first:] = [token for member in members for token in member]

    def _code(self) -> None:
        """The fields of a code object, as `Python/marshal.c` of its version writes them."""
        self.tokens.append(b"c" + self._data[self._at : self._at + _CODE_HEAD])
        self._at += _CODE_HEAD
        for _ in range(8):
            self.read()
        self.tokens.append(self._data[self._at : self._at + 4])
        self._at += 4
        for _ in range(2 if _NEW_LAYOUT else 1):
            self.read()


def _bytes_of(tokens: list[Token]) -> bytes:
    return b"".join(token if isinstance(token, bytes) else token[0] for token in tokens)


def _serve(source: BinaryIO, out: BinaryIO, optimize: int) -> None:
    while True:
        head = source.read(8)
        if not head:
            return
        path_length, length = struct.unpack("<II", head)
        path = source.read(path_length).decode()
        content = source.read(length)
        try:
            good, answer = True, compiled(content, path, optimize)
        except UnknownFormatError:
            raise
        except Exception as error:
            good, answer = False, f"{type(error).__name__}: {error}".encode("utf-8", "replace")
        out.write(struct.pack("<BI", good, len(answer)))
        out.write(answer)


def _who() -> str:
    version = sys.version_info
    release = "%d.%d.%d" % version[:3]  # noqa: UP031 (this runs on Python 3.8, too)
    magic = importlib.util.MAGIC_NUMBER.hex()
    words = (
        sys.implementation.name,
        release,
        version.releaselevel,
        magic,
        sys.executable,
    )
    return "\n".join(str(word) for word in words)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _serve(sys.stdin.buffer, sys.stdout.buffer, int(sys.argv[1]))
    else:
        sys.stdout.buffer.write(_who().encode())
    sys.stdout.buffer.flush()

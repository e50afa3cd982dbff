"""Compiles many sources in one process of the target's interpreter."""

from __future__ import annotations

import posixpath
import struct
from enum import Enum
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.globs import compile_glob
from slspack.keys import digest_file, key_of
from slspack.model import ArchivePath
from slspack.plugins.shipped.bytecode.running import WORKER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slspack.model import Digest
    from slspack.plugins.shipped.bytecode.interpreters import Interpreter

_SOURCE = ".py"
_HEAD = struct.Struct("<II")
_ANSWER = struct.Struct("<BI")


class Sources(Enum):
    """What becomes of the sources that were compiled."""

    KEEP = "keep"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Naming:
    """Which files are compiled, and where their byte code goes: told by names alone."""

    python: tuple[int, int]
    sources: Sources
    exclude: tuple[str, ...]

    def compiles(self, name: ArchivePath) -> bool:
        """Whether a file is a source that is to be compiled, by its name."""
        is_metadata = ".dist-info/" in f"/{name}"
        return (
            name.endswith(_SOURCE) and not is_metadata and not any(compile_glob(g).matches(name) for g in self.exclude)
        )

    def is_stale(self, name: ArchivePath) -> bool:
        """Whether a file is byte code of somebody else's, which a time stamp ties to a file of another machine."""
        return name.endswith(".pyc") and posixpath.basename(posixpath.dirname(name)) == "__pycache__"

    def place(self, name: ArchivePath) -> ArchivePath:
        """Where the byte code of a source belongs: beside it if it takes its place (PEP 3147)."""
        folder, file = posixpath.split(name)
        stem = file.removesuffix(_SOURCE)
        if self.sources is Sources.DROP:
            return ArchivePath(posixpath.join(folder, f"{stem}.pyc"))
        return ArchivePath(
            posixpath.join(folder, "__pycache__", f"{stem}.cpython-{self.python[0]}{self.python[1]}.pyc")
        )


@dataclass(frozen=True, slots=True)
class Compiler:
    """An interpreter, and all that the `.pyc` files it gives depend on besides their sources."""

    interpreter: Interpreter
    optimize: int
    root: str
    """The folder that an artifact is unpacked into: `/var/task`."""

    @property
    def key(self) -> Digest:
        """Of all of it, but for where the interpreter lies."""
        python = self.interpreter
        compiling = [python.runner.identity, python.version, python.magic, digest_file(WORKER)]
        return key_of("bytecode", compiling, self.optimize, self.root)

    def compile(self, files: Sequence[tuple[ArchivePath, bytes]]) -> tuple[bytes | None, ...]:
        """The `.pyc` of each file; None of one that is no Python, or not of this version. Raises SLS0841."""
        if not files:
            return ()
        paths = [posixpath.join(self.root, name).encode() for name, _ in files]
        given = [_HEAD.pack(len(path), len(c)) + path + c for path, (_, c) in zip(paths, files, strict=True)]
        done = self.interpreter.runner.run([str(self.optimize)], b"".join(given))
        answers = tuple(_answers(done.output)) if done.status == 0 else ()
        if len(answers) != len(files):
            raise self._failed(done.status, done.words)
        return answers

    def _failed(self, status: int, words: bytes) -> SlspackError:
        last = words.decode("utf-8", "replace").strip().rpartition("\n")[2] or f"it ended with {status}"
        python = self.interpreter
        return SlspackError.of(
            Code.COMPILING_FAILED,
            f"CPython {python.version} (`{python.runner.named}`) failed to compile to byte code: {last}",
            hint="name another with the plugin's option `interpreter`, or leave files out with `exclude`",
        )


def _answers(out: bytes) -> Iterator[bytes | None]:
    at = 0
    while at < len(out):
        good, length = _ANSWER.unpack_from(out, at)
        at += _ANSWER.size
        yield out[at : at + length] if good else None
        at += length

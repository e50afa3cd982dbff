"""Byte code of a service's own sources in the store: what was compiled once is compiled by no later build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.keys import digest_bytes, key_of
from slspack.store import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.model import ArchivePath
    from slspack.plugins.shipped.bytecode.compiling import Compiler
    from slspack.store import Store


@dataclass(frozen=True, slots=True)
class KeptCode:
    """A compiler, and the store that knows what it gave."""

    compiler: Compiler
    store: Store

    def compile(self, sources: Mapping[ArchivePath, bytes]) -> Mapping[ArchivePath, bytes | None]:
        """The `.pyc` of each source, None of one that is no Python; what is not kept is compiled in one process.

        Raises SLS0841.
        """
        compiler = self.compiler.key
        keys = {name: key_of("pyc", compiler, name, digest_bytes(content)) for name, content in sources.items()}
        made = {name: self.store.read(Kind.BYTECODE, key) for name, key in keys.items()}
        new = [name for name, pyc in made.items() if pyc is None]
        for name, pyc in zip(new, self.compiler.compile([(name, sources[name]) for name in new]), strict=True):
            made[name] = pyc or b""
            self.store.write(Kind.BYTECODE, keys[name], pyc or b"")
        return {name: pyc or None for name, pyc in made.items()}

"""Byte code for the files of a wheel, on their way into its segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.bundle import SegmentFile
from slspack.frozen import dataclass
from slspack.plugins.shipped.bytecode.compiling import Sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slspack.model import ArchivePath
    from slspack.plugins.shipped.bytecode.compiling import Compiler, Naming


@dataclass(frozen=True, slots=True)
class CompiledWheel:
    """A `slspack.bundle.WheelTransform`: sources get their byte code, in one process for the whole wheel."""

    compiler: Compiler
    naming: Naming

    @property
    def key(self) -> str:
        """The compiler's; the rest is options of the plugin, which the host puts into its key."""
        return self.compiler.key

    def names(self, name: ArchivePath) -> tuple[ArchivePath, ...] | None:
        """A source may stay in either case: it may turn out to be none of this version of Python."""
        return (name, self.naming.place(name)) if self.naming.compiles(name) else None

    def files(self, files: Sequence[SegmentFile]) -> Iterator[SegmentFile]:
        """The sources with their byte code, or their byte code alone. A wheel's own never comes as far as here."""
        made = self.compiler.compile([(file.name, file.content) for file in files])
        for file, code in zip(files, made, strict=True):
            if code is not None:
                yield SegmentFile(self.naming.place(file.name), code)
            if code is None or self.naming.sources is Sources.KEEP:
                yield file

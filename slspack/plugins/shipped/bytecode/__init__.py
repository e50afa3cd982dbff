"""The plugin `bytecode`: artifacts hold byte code that the runtime takes as it is, so that no cold start compiles."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from slspack.model import Entry, FileSource, GeneratedSource
from slspack.plugins import INTERFACE, hookimpl
from slspack.plugins.shipped.bytecode.compiling import Compiler, Naming, Sources
from slspack.plugins.shipped.bytecode.interpreters import Interpreter, find_interpreter
from slspack.plugins.shipped.bytecode.kept import KeptCode
from slspack.plugins.shipped.bytecode.left import left_as_source
from slspack.plugins.shipped.bytecode.running import ImageRunner
from slspack.plugins.shipped.bytecode.wheels import CompiledWheel
from slspack.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slspack.model import ArchivePath, Artifact, ArtifactDraft, Finding, Service, Target
    from slspack.plugins import PluginFiles

slspack_interface = INTERFACE


@dataclass(frozen=True)
class Options:
    """What a configuration may say."""

    optimize: Literal[0, 1, 2] = 0
    """As `python -O` (1: without `assert`) and `-OO` (2: without docstrings) compile."""
    sources: Sources = Sources.KEEP
    exclude: tuple[str, ...] = ()
    """Globs of names in the artifact: these files are not compiled."""
    interpreter: str | tuple[str, ...] = ()
    """A version, a command, an absolute path, or `image`; of several, each target takes the first of its minor."""


class ByteCode:
    """Compiles each wheel once, into its segment, and each file of the service once."""

    def __init__(self, options: Options) -> None:
        """With the options of one service."""
        self._options = options
        self._found: dict[Target, Interpreter] = {}

    @hookimpl(trylast=True)
    def slspack_amend_service(self, service: Service) -> None:
        """Nothing is changed: its image may have to compile, and its store keeps byte code."""
        self._service = service
        self._store = open_store(service.cache, service.root, os.environ)

    @hookimpl(trylast=True)
    def slspack_amend_entries(
        self, draft: ArtifactDraft, entries: tuple[Entry, ...], files: PluginFiles
    ) -> tuple[Entry, ...]:
        """After all plugins that change sources: byte code is never compared with them again."""
        compiler = self._compiler(draft.target, draft.root, files.environment)
        compiler.interpreter.runner.note(files)
        naming = self._naming(draft.target)
        left = _replaced_later(draft)
        wanted = (entry for entry in entries if naming.compiles(entry.name) and entry.name not in left)
        sources = {entry.name: content for entry in wanted if (content := _source(entry, files)) is not None}
        made = KeptCode(compiler, self._store).compile(sources)
        code = {naming.place(name): (name, pyc) for name, pyc in made.items() if pyc is not None}
        dropped = {name for name, pyc in made.items() if pyc is not None and naming.sources is Sources.DROP}
        kept = [e for e in entries if e.name not in dropped | code.keys() and not naming.is_stale(e.name)]
        return (*kept, *(_entry(place, name, pyc, sources[name]) for place, (name, pyc) in code.items()))

    @hookimpl(trylast=True)
    def slspack_transform_wheel(self, draft: ArtifactDraft) -> CompiledWheel:
        """The key holds the exact version of Python, so that a segment is of one compiler."""
        return CompiledWheel(self._compiler(draft.target, draft.root, os.environ), self._naming(draft.target))

    @hookimpl
    def slspack_check_artifact(self, artifact: Artifact) -> Iterable[Finding]:
        """Say what is in the artifact as source only."""
        target = artifact.plan.target
        if target is None:  # a layer that is a folder is taken as it is
            return ()
        return left_as_source(artifact, self._naming(target))

    @hookimpl
    def slspack_report(self) -> None:
        """The build is through: no container is to be left in a process that waits for the next one."""
        for found in self._found.values():
            if isinstance(found.runner, ImageRunner):
                found.runner.image.close()

    def _compiler(self, target: Target, root: str, environment: Mapping[str, str]) -> Compiler:
        options = self._options
        if target not in self._found:
            wanted = (options.interpreter,) if isinstance(options.interpreter, str) else options.interpreter
            self._found[target] = find_interpreter(target, wanted, environment, lambda: self._in_image(target))
        return Compiler(self._found[target], options.optimize, root)

    def _naming(self, target: Target) -> Naming:
        return Naming(target.python, self._options.sources, self._options.exclude)

    def _in_image(self, target: Target) -> Interpreter | str:
        from slspack.plugins.shipped.bytecode.imagepython import find_in_image

        return find_in_image(target, self._service, self._store, os.environ)


def _source(entry: Entry, files: PluginFiles) -> bytes | None:
    if isinstance(entry.source, FileSource):
        return files.read(entry.source.path)
    return entry.source.content if isinstance(entry.source, GeneratedSource) else None


def _replaced_later(draft: ArtifactDraft) -> frozenset[str]:
    """The handlers that get a stand-in once it is known what it has to unpack: nothing may stand for them before."""
    nesting = [function for function in draft.functions if function.zipped]
    modules = ((function, module) for function in nesting for module in draft.graphs[function.name].modules)
    return frozenset(module.archive for function, module in modules if module.name == function.handler.module)


def _entry(place: ArchivePath, name: ArchivePath, pyc: bytes, source: bytes) -> Entry:
    generated = GeneratedSource(pyc, made_of=(len(source), zlib.crc32(source)))
    return Entry(place, executable=False, source=generated, reason=f"byte code of `{name}`")


plugin = ByteCode

"""The plugin `bytecode`: artifacts hold byte code that the runtime takes as it is, so that no cold start compiles."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from slspack.keys import digest_bytes
from slspack.model import Entry, FileSource, GeneratedSource
from slspack.plugins import INTERFACE, hookimpl
from slspack.plugins.shipped.bytecode.compiling import Compiler, Sources
from slspack.plugins.shipped.bytecode.interpreters import Interpreter, find_interpreter
from slspack.plugins.shipped.bytecode.left import left_as_source
from slspack.plugins.shipped.bytecode.wheels import CompiledWheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slspack.model import ArchivePath, Artifact, ArtifactDraft, Finding, Target
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
    """A version, a command or an absolute path; of several, each target takes the first that is of its minor."""


class ByteCode:
    """Compiles each wheel once, into its segment, and each file of the service once."""

    def __init__(self, options: Options) -> None:
        """With the options of one service."""
        self._options = options
        self._found: dict[tuple[int, int], Interpreter] = {}
        self._compiled: dict[tuple[str, ArchivePath], tuple[str, bytes | None]] = {}

    @hookimpl(trylast=True)
    def slspack_amend_entries(
        self, draft: ArtifactDraft, entries: tuple[Entry, ...], files: PluginFiles
    ) -> tuple[Entry, ...]:
        """After all plugins that change sources: byte code is never compared with them again."""
        compiler = self._compiler(draft.target, draft.root, files.environment)
        files.read_outside(compiler.interpreter.path)
        left = _replaced_later(draft)
        wanted = (entry for entry in entries if compiler.compiles(entry.name) and entry.name not in left)
        sources = {entry.name: content for entry in wanted if (content := _source(entry, files)) is not None}
        made = self._compile(compiler, sources)
        code = {compiler.place(name): (name, pyc) for name, pyc in made.items() if pyc is not None}
        dropped = {name for name, pyc in made.items() if pyc is not None and compiler.sources is Sources.DROP}
        kept = [e for e in entries if e.name not in dropped | code.keys() and not compiler.is_stale(e.name)]
        return (*kept, *(_entry(place, name, pyc) for place, (name, pyc) in code.items()))

    @hookimpl(trylast=True)
    def slspack_transform_wheel(self, draft: ArtifactDraft) -> CompiledWheel:
        """The key holds the exact version of Python, so that a segment is of one compiler."""
        return CompiledWheel(self._compiler(draft.target, draft.root, os.environ))

    @hookimpl
    def slspack_check_artifact(self, artifact: Artifact) -> Iterable[Finding]:
        """Say what is in the artifact as source only."""
        target = artifact.plan.target
        if target is None:  # a layer that is a folder is taken as it is
            return ()
        return left_as_source(artifact, self._compiler(target, "", os.environ))

    def _compiler(self, target: Target, root: str, environment: Mapping[str, str]) -> Compiler:
        options = self._options
        if target.python not in self._found:
            wanted = (options.interpreter,) if isinstance(options.interpreter, str) else options.interpreter
            self._found[target.python] = find_interpreter(target, wanted, environment)
        return Compiler(self._found[target.python], options.optimize, options.sources, options.exclude, root)

    def _compile(self, compiler: Compiler, sources: Mapping[ArchivePath, bytes]) -> Mapping[ArchivePath, bytes | None]:
        """Compile, in one process, what is not known by its content: functions share sources."""
        keys = {name: (compiler.key, name) for name in sources}
        digests = {name: digest_bytes(content) for name, content in sources.items()}
        new = [n for n, key in keys.items() if key not in self._compiled or self._compiled[key][0] != digests[n]]
        for name, pyc in zip(new, compiler.compile([(name, sources[name]) for name in new]), strict=True):
            self._compiled[keys[name]] = (digests[name], pyc)
        return {name: self._compiled[key][1] for name, key in keys.items()}


def _source(entry: Entry, files: PluginFiles) -> bytes | None:
    if isinstance(entry.source, FileSource):
        return files.read(entry.source.path)
    return entry.source.content if isinstance(entry.source, GeneratedSource) else None


def _replaced_later(draft: ArtifactDraft) -> frozenset[str]:
    """The handlers that get a stand-in once it is known what it has to unpack: nothing may stand for them before."""
    nesting = [function for function in draft.functions if function.zipped]
    modules = ((function, module) for function in nesting for module in draft.graphs[function.name].modules)
    return frozenset(module.archive for function, module in modules if module.name == function.handler.module)


def _entry(place: ArchivePath, name: ArchivePath, pyc: bytes) -> Entry:
    return Entry(place, executable=False, source=GeneratedSource(pyc), reason=f"byte code of `{name}`")


plugin = ByteCode

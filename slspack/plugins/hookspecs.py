"""The hooks: one for each arrow of the design.

Every hook is optional, and an implementation may leave out arguments that it does not need. What a hook is given is
frozen; what it wants otherwise, it gives back. How several implementations go together is said of each hook:

- **all**: every implementation is asked, and all that they give counts.
- **first**: they are asked in order until one gives something other than `None`.
- **in turn**: each is given what the one before it gave; `None` leaves it as it is.

The order: plugins of `-p`, then those of `plugins` in the configuration, each in the order in which they are written,
then other installed ones by name, then what slspack brings itself; `tryfirst` and `trylast` are pluggy's.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from slspack.plugins.markers import hookspec

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    import click

    from slspack.builds import OfferedBuilder
    from slspack.bundle import WheelTransform
    from slspack.check import NativeArtifact
    from slspack.config import ServiceReader
    from slspack.model import (
        ArchivePath,
        Artifact,
        ArtifactDraft,
        BuilderChoice,
        Closure,
        DistName,
        Entry,
        ExternalImport,
        Finding,
        Function,
        HandlerWrapper,
        Lock,
        LockedDistribution,
        ModuleGraph,
        ModuleName,
        Plan,
        PlannedLayer,
        Provided,
        RequirementSet,
        Resolver,
        Service,
        Target,
    )
    from slspack.plugins.answers import CommandOption
    from slspack.plugins.files import OwnFiles, PluginFiles
    from slspack.request import BuildResult
    from slspack.resolve import Candidate, LockFileUse, Problem, RequirementsRead, ServiceFiles
    from slspack.trace import SourceFacts
    from slspack.watching.events import Built, Failed, Started


class Calling(Enum):
    """How several implementations of one hook go together."""

    ALL = "all"
    FIRST = "first"
    IN_TURN = "in turn"


# pluggy reads these signatures and never calls them; a body that raises has whatever type its result is declared to be.
class HookSpecs:
    """Interface version 1."""

    @hookspec
    def slspack_service_readers(self) -> Iterable[ServiceReader]:
        """All. Kinds of configuration files that a service can be read from, before slspack's own are looked for.

        A plugin that is itself named in the configuration comes too late for this one.

        ```python
        @hookimpl
        def slspack_service_readers():
            return [ServiceReader(("app.json",), ("lambdas",), read_app_json)]
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_amend_service(self, service: Service, files: OwnFiles) -> Service | None:
        """In turn. The service as it was configured: add functions, requirements, settings, and findings.

        A finding that is an error ends the build at once.

        ```python
        @hookimpl
        def slspack_amend_service(service):
            names = [function.name for function in service.functions]
            return with_requirement(service, names, "aws-xray-sdk")
        ```
        """
        raise NotImplementedError

    @hookspec(firstresult=True)
    def slspack_read_requirements(
        self, requirements: RequirementSet, files: ServiceFiles, variables: Mapping[str, str], lock_file: LockFileUse
    ) -> RequirementsRead | None:
        """First. What a set of requirements lists: for files that slspack does not read by itself.

        ```python
        @hookimpl
        def slspack_read_requirements(requirements, files):
            content = files.read("deps.txt")
            return None if content is None else RequirementsRead.of_lines(content.decode().splitlines(), "deps.txt")
        ```
        """
        raise NotImplementedError

    @hookspec(firstresult=True)
    def slspack_resolve(
        self, problem: Problem, resolver: Resolver, excluded: Mapping[DistName, tuple[str, ...]]
    ) -> tuple[Candidate, ...] | None:
        """First. Decide on one version of everything that is needed; `excluded` are versions not to be chosen.

        ```python
        @hookimpl
        def slspack_resolve(problem):
            pins = load_pins(problem.root / "versions.json")
            return tuple(Candidate(name, version) for name, version in pins.items())
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_scan_source(self, path: str, content: bytes, facts: SourceFacts, target: Target) -> SourceFacts | None:
        """In turn. What is known of one first-party source: add imports that only a framework's conventions tell.

        The answer is kept by the content and the path: it must depend on nothing else.

        ```python
        @hookimpl
        def slspack_scan_source(path, content, facts):
            if path.endswith("urls.py"):
                return replace(facts, imports=(*facts.imports, *views_named_in(content)))
        ```
        """
        raise NotImplementedError

    @hookspec(firstresult=True)
    def slspack_missing_import(
        self, function: Function, imported: ExternalImport, module: ModuleName, lock: Lock
    ) -> Provided | None:
        """First. An import of a module that neither the service, nor the lock, nor the standard library has.

        ```python
        @hookimpl
        def slspack_missing_import(module):
            if module.startswith("company_runtime"):
                return Provided("our base layer has it")
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_amend_closure(
        self, function: Function, graph: ModuleGraph, lock: Lock, closure: Closure
    ) -> Closure | None:
        """In turn. The distributions of one function: each member must be one of the lock.

        ```python
        @hookimpl
        def slspack_amend_closure(closure):
            return replace(closure, members=tuple(m for m in closure.members if m.distribution.name != "pip"))
        ```
        """
        raise NotImplementedError

    @hookspec(firstresult=True)
    def slspack_provide_wheel(self, name: DistName, version: str, target: Target) -> Path | None:
        """First. A wheel file of this machine for a version that no index has a fitting wheel of.

        ```python
        @hookimpl
        def slspack_provide_wheel(name, version):
            return next(Path("/srv/wheels").glob(f"{name}-{version}-*.whl"), None)
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_builders(
        self,
        choice: BuilderChoice,
        name: DistName | None,
        compiles: bool,  # noqa: FBT001 (hooks are called by name)
    ) -> Iterable[OfferedBuilder]:
        """All. Who may build a distribution that has no wheel that fits; plugins' builders are tried before slspack's.

        `choice` is what the user has chosen by `builder` (with `none`, nobody is asked), `name` is None where only the
        source tells it, and `compiles` is whether it looks as if a compiler was needed. The manifest names a builder
        `PLUGIN/NAME`. What it built is kept by the source, its `identity` and the plugin's own code and options.

        ```python
        @hookimpl
        def slspack_builders(name):
            if name == "lxml":
                return [OfferedBuilder("farm", lambda place: FarmBuilder(place.workplace.environment))]
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_collect_entries(self, draft: ArtifactDraft, files: PluginFiles) -> Iterable[Entry]:
        """All. More files for an artifact: of the service, or generated.

        ```python
        @hookimpl
        def slspack_collect_entries(draft):
            return [Entry(ArchivePath("build.txt"), False, GeneratedSource(draft.name.encode()), "our build stamp")]
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_amend_entries(
        self, draft: ArtifactDraft, entries: tuple[Entry, ...], files: PluginFiles
    ) -> tuple[Entry, ...] | None:
        """In turn. The service's own and generated files of an artifact: leave out, rename, or give other content.

        What wraps handlers is among them by then, but for what unpacks nested archives. What is read through `files`
        is looked at again before the next build.

        ```python
        @hookimpl
        def slspack_amend_entries(entries):
            return tuple(entry for entry in entries if not entry.name.endswith(".psd"))
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_prune_wheel(
        self,
        draft: ArtifactDraft,
        distribution: LockedDistribution,
        names: tuple[ArchivePath, ...],
        files: PluginFiles,
    ) -> Collection[ArchivePath]:
        """All. Files of a wheel that an artifact does without; the wheel's segment is shared with those who keep them.

        Which ones it is may depend on what is read through `files`: the service's own, and those of other wheels
        (`files.importing`, `files.wheel`). What is to be said of it goes to `files.say`: later builds say it again.

        ```python
        @hookimpl
        def slspack_prune_wheel(distribution, names):
            return [name for name in names if "/tests/" in name]
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_transform_wheel(self, draft: ArtifactDraft, distribution: LockedDistribution) -> WheelTransform | None:
        """All, one after the other. What is done to a wheel's files before they go into its segment.

        The segment is kept by the wheel, by the transform's `key`, and by the plugin's own code and options.

        ```python
        @hookimpl
        def slspack_transform_wheel(draft):
            return Minify(key="1")
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_wrap_handler(self, function: Function, graph: ModuleGraph, files: PluginFiles) -> HandlerWrapper | None:
        """All. What goes around a handler; the first plugin's is the innermost.

        The handler keeps its name, so that nothing has to change in the deploy tool's file.

        ```python
        @hookimpl
        def slspack_wrap_handler(function):
            return HandlerWrapper("from mangum import Mangum\\n\\ndef wrap(app):\\n    return Mangum(app)\\n")
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_finish_artifact(self, artifact: Artifact) -> Artifact | None:
        """In turn. An artifact that was just written: sign it, copy it. One that was kept is not given again.

        Whoever changes the file's bytes gives the artifact back with its new `sha256` and `bytes`.

        ```python
        @hookimpl
        def slspack_finish_artifact(artifact):
            shutil.copy(artifact.path, "/srv/artifacts")
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_check_plan(
        self, plan: Plan, functions: tuple[Function, ...], layers: tuple[PlannedLayer, ...]
    ) -> Iterable[Finding]:
        """All. What is wrong, or worth knowing, with what an artifact will hold.

        `functions` are those that it is for: none for a layer that nobody uses. `layers` are all of the service, each
        with the names of the functions that use it.

        ```python
        @hookimpl
        def slspack_check_plan(plan):
            if any(part.distribution.name == "boto3" for part in plan.wheels):
                yield Finding(Code.PLUGIN_FINDING, Severity.WARNING, f"`{plan.name}` packages boto3")
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_check_native(self, artifacts: tuple[NativeArtifact, ...]) -> Iterable[Finding]:
        """All. The same for the native code of all artifacts, before any is written.

        ```python
        @hookimpl
        def slspack_check_native(artifacts):
            for artifact in artifacts:
                if any(part.distribution is None for part in artifact.parts):
                    yield Finding(Code.PLUGIN_FINDING, Severity.ERROR, "a compiled file is checked in")
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_check_artifact(self, artifact: Artifact, zipped: Callable[[DistName], int]) -> Iterable[Finding]:
        """All. The same for an artifact as it was written, or kept. `zipped`: bytes of a distribution in the zip.

        ```python
        @hookimpl
        def slspack_check_artifact(artifact):
            if artifact.bytes > 10_000_000:
                yield Finding(Code.PLUGIN_FINDING, Severity.ERROR, f"`{artifact.plan.name}` is over our limit of 10 MB")
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_report(self, result: BuildResult, output: Path) -> None:
        """All. After a good build, also one with nothing to do: write a report, tell somebody.

        ```python
        @hookimpl
        def slspack_report(result, output):
            (output / "sizes.txt").write_text(sizes(result.manifest.record))
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_local_variables(
        self, service: Service, variables: Mapping[str, str], files: OwnFiles
    ) -> Mapping[str, str] | None:
        """In turn. What functions find in their environment when they are run on this machine, besides what is set.

        Asked for a local emulator (`--live`) and for `watch --exec`, in each build that has anything to do. A variable
        that the emulator or the shell has set stays as it is. The values are in no artifact and in nothing that is kept
        for later builds; a local emulator finds them in `.slspack/live/.variables.json`, which only its owner may read.

        ```python
        @hookimpl
        def slspack_local_variables(variables):
            return {**variables, "TABLE": "orders-local", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_watch_event(self, event: Started | Built | Failed) -> None:
        """All. Something happened under `slspack watch`: a build begins, was good, or was not.

        ```python
        @hookimpl
        def slspack_watch_event(event):
            if isinstance(event, Failed):
                ring_the_bell()
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_commands(self) -> Iterable[click.Command]:
        """All. Commands of the command line, for plugins that are installed or named by `-p` before the command.

        ```python
        @hookimpl
        def slspack_commands():
            return [prune_command]
        ```
        """
        raise NotImplementedError

    @hookspec
    def slspack_command_options(self, command: str) -> Iterable[CommandOption]:
        """All. Options of a command, each a way to give one of the plugin's own options.

        ```python
        @hookimpl
        def slspack_command_options(command):
            if command == "build":
                yield CommandOption(("--keep-tests",), "keep_tests", "Keep the tests of wheels.", is_flag=True)
        ```
        """
        raise NotImplementedError


HOOKS = tuple(name for name in vars(HookSpecs) if name.startswith("slspack_"))


def calling_of(hook: str) -> Calling:
    """How a hook is called, as its documentation says."""
    first = str(getattr(HookSpecs, hook).__doc__).partition(".")[0]
    return Calling(first.partition(",")[0].lower())

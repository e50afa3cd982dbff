"""The host: calls whoever implements a hook. Without plugins it is a table of slspack's own, and costs nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from slspack.keys import key_of
from slspack.plugins.builtin import BUILTINS, Builtin, builtins_of
from slspack.plugins.results import wrong_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import click
    from pluggy import PluginManager

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
    from slspack.plugins.loaded import Loaded
    from slspack.request import BuildResult
    from slspack.resolve import Candidate, LockFileUse, Problem, RequirementsRead, ServiceFiles
    from slspack.trace import SourceFacts
    from slspack.watching.events import Built, Failed, Started

_Value = TypeVar("_Value")


class Host:
    """Who implements the hooks of one build, and the one way to call them.

    Every method raises SLS0805 where a plugin fails and SLS0806 where it gives what it must not.
    """

    def __init__(self, plugins: Sequence[Loaded]) -> None:
        """`plugins` in the order in which they are asked."""
        self.plugins = tuple(plugins)
        self.key = key_of("plugins", [plugin.key for plugin in self.plugins]) if self.plugins else ""
        """Of all plugins' code and options; empty without any."""
        self._hooked = frozenset(hook for plugin in self.plugins for hook in plugin.hooks)
        self._manager: PluginManager | None = None

    def has(self, *hooks: str) -> bool:
        """Whether a plugin implements any of these hooks."""
        return not self._hooked.isdisjoint(hooks)

    def key_for(self, *hooks: str) -> str:
        """The key of the plugins that implement any of these hooks; empty if none does."""
        keys = [plugin.key for plugin in self.plugins if not set(plugin.hooks).isdisjoint(hooks)]
        return key_of("plugins", keys) if keys else ""

    def timings(self) -> dict[str, float]:
        """The seconds that each plugin's hooks have taken so far, by `plugin NAME`."""
        return {f"plugin {plugin.name}": plugin.spent.seconds for plugin in self.plugins if plugin.spent.calls}

    def readers(self) -> tuple[ServiceReader, ...]:
        """The kinds of configuration, in the order in which they are looked for."""
        own = (reader for one in builtins_of("slspack_service_readers") for reader in cast("Iterable[object]", one()))
        if not self.has("slspack_service_readers"):
            return cast("tuple[ServiceReader, ...]", tuple(own))
        from slspack.plugins.guard import guarded_reader

        given = self._each("slspack_service_readers")
        found = [
            guarded_reader(plugin, reader)
            for plugin, readers in given
            for reader in cast("tuple[ServiceReader, ...]", readers)
        ]
        return (*found, *cast("Iterable[ServiceReader]", own))

    def amend_service(self, service: Service, files: OwnFiles) -> Service:
        """The service as plugins want it."""
        return self._in_turn("slspack_amend_service", "service", service, files=files)

    def read_requirements(
        self, requirements: RequirementSet, files: ServiceFiles, variables: Mapping[str, str], lock_file: LockFileUse
    ) -> RequirementsRead:
        """What a requirement set lists."""
        read = self._first(
            "slspack_read_requirements",
            requirements=requirements,
            files=files,
            variables=variables,
            lock_file=lock_file,
        )
        return cast("RequirementsRead", read)

    def resolve(
        self, problem: Problem, resolver: Resolver, excluded: Mapping[DistName, tuple[str, ...]]
    ) -> tuple[Candidate, ...]:
        """A version of everything that is needed."""
        return cast(
            "tuple[Candidate, ...]",
            self._first("slspack_resolve", problem=problem, resolver=resolver, excluded=excluded),
        )

    def scan_source(self, path: str, content: bytes, facts: SourceFacts, target: Target) -> SourceFacts:
        """The facts of a source as plugins want them."""
        return self._in_turn("slspack_scan_source", "facts", facts, path=path, content=content, target=target)

    def missing_import(
        self, function: Function, imported: ExternalImport, module: ModuleName, lock: Lock
    ) -> Provided | None:
        """Who provides what nobody provides."""
        answer = self._first("slspack_missing_import", function=function, imported=imported, module=module, lock=lock)
        provided = cast("Provided | None", answer)
        name = provided.distribution if provided else None
        if name is not None and name not in {locked.name for locked in lock.distributions}:
            raise wrong_answer("of a plugin", "slspack_missing_import", f"`{name}`, which is not in the lock")
        return provided

    def amend_closure(self, function: Function, graph: ModuleGraph, lock: Lock, closure: Closure) -> Closure:
        """The closure as plugins want it. Raises SLS0806 for a member that is not in the lock."""
        locked = frozenset(lock.distributions)

        def check(plugin: str, amended: Closure) -> None:
            for member in amended.members:
                if member.distribution not in locked:
                    what = f"`{member.distribution.name}` {member.distribution.version}, which is not in the lock"
                    raise wrong_answer(plugin, "slspack_amend_closure", what)

        amended = self._in_turn(
            "slspack_amend_closure", "closure", closure, check, function=function, graph=graph, lock=lock
        )
        if amended is closure:
            return closure
        return replace(amended, members=tuple(sorted(amended.members, key=lambda one: one.distribution.name)))

    def provide_wheel(self, name: DistName, version: str, target: Target) -> Path | None:
        """A wheel of this machine for what no index has a fitting one of."""
        return cast("Path | None", self._first("slspack_provide_wheel", name=name, version=version, target=target))

    def builders(self, choice: BuilderChoice, name: DistName | None, *, compiles: bool) -> tuple[OfferedBuilder, ...]:
        """Who may build a distribution: those of plugins, then slspack's own."""
        arguments = {"choice": choice, "name": name, "compiles": compiles}
        own = [one(**arguments) for one in builtins_of("slspack_builders")]
        offered = [builder for each in own for builder in cast("Iterable[OfferedBuilder]", each)]
        if not self.has("slspack_builders"):
            return tuple(offered)
        from slspack.plugins.guarded_builder import guarded_builder

        given = self._each("slspack_builders", **arguments)
        found = [
            guarded_builder(plugin, one) for plugin, many in given for one in cast("Iterable[OfferedBuilder]", many)
        ]
        return (*found, *offered)

    def collect_entries(self, draft: ArtifactDraft, files: PluginFiles) -> tuple[Entry, ...]:
        """More files of an artifact."""
        return cast("tuple[Entry, ...]", self._joined("slspack_collect_entries", draft=draft, files=files))

    def amend_entries(self, draft: ArtifactDraft, entries: tuple[Entry, ...], files: PluginFiles) -> tuple[Entry, ...]:
        """The service's own and generated files as plugins want them."""
        return self._in_turn("slspack_amend_entries", "entries", entries, draft=draft, files=files)

    def prune_wheel(
        self,
        draft: ArtifactDraft,
        distribution: LockedDistribution,
        names: tuple[ArchivePath, ...],
        files: PluginFiles,
    ) -> frozenset[ArchivePath]:
        """Those of the wheel's files that are not wanted."""
        found = self._joined("slspack_prune_wheel", draft=draft, distribution=distribution, names=names, files=files)
        return frozenset(cast("tuple[ArchivePath, ...]", found)) & frozenset(names)

    def transform_wheel(
        self, draft: ArtifactDraft, distribution: LockedDistribution
    ) -> tuple[tuple[str, WheelTransform], ...]:
        """What is done to a wheel's files, each with its whole key: the plugin's and its own."""
        from slspack.plugins.guard import GuardedTransform

        found = self._each("slspack_transform_wheel", draft=draft, distribution=distribution)
        guarded = [GuardedTransform(plugin, cast("WheelTransform", transform)) for plugin, transform in found]
        return tuple((key_of("transform", one.plugin.key, one.key), one) for one in guarded)

    def wrap_handler(
        self, function: Function, graph: ModuleGraph, files: PluginFiles
    ) -> tuple[tuple[str, HandlerWrapper], ...]:
        """What goes around a handler, the innermost first, each with its plugin's name."""
        found = self._each("slspack_wrap_handler", function=function, graph=graph, files=files)
        return tuple((plugin.name, cast("HandlerWrapper", wrapper)) for plugin, wrapper in found)

    def finish_artifact(self, artifact: Artifact) -> Artifact:
        """A written artifact as plugins leave it."""
        return self._in_turn("slspack_finish_artifact", "artifact", artifact)

    def check_plan(
        self, plan: Plan, functions: tuple[Function, ...], layers: tuple[PlannedLayer, ...]
    ) -> tuple[Finding, ...]:
        """What is to be said of a plan."""
        found = self._joined("slspack_check_plan", plan=plan, functions=functions, layers=layers)
        return cast("tuple[Finding, ...]", found)

    def check_native(self, artifacts: tuple[NativeArtifact, ...]) -> tuple[Finding, ...]:
        """What is to be said of the native code of all artifacts."""
        return cast("tuple[Finding, ...]", self._joined("slspack_check_native", artifacts=artifacts))

    def check_artifact(self, artifact: Artifact, zipped: Callable[[DistName], int]) -> tuple[Finding, ...]:
        """What is to be said of an artifact."""
        return cast("tuple[Finding, ...]", self._joined("slspack_check_artifact", artifact=artifact, zipped=zipped))

    def report(self, result: BuildResult, output: Path) -> None:
        """Let everybody report a good build."""
        self._all("slspack_report", result=result, output=output)

    def local_variables(self, service: Service, files: OwnFiles) -> Mapping[str, str]:
        """What functions find in their environment when they are run on this machine. Raises SLS0806 for no string."""

        def check(plugin: str, variables: Mapping[str, str]) -> None:
            strange = [
                name for name, value in variables.items() if not (isinstance(name, str) and isinstance(value, str))
            ]
            if strange:
                raise wrong_answer(plugin, "slspack_local_variables", f"no string for `{strange[0]}`")

        nothing: Mapping[str, str] = {}
        return self._in_turn("slspack_local_variables", "variables", nothing, check, service=service, files=files)

    def watch_event(self, event: Started | Built | Failed) -> None:
        """Tell everybody of an event."""
        self._all("slspack_watch_event", event=event)

    def commands(self) -> tuple[click.Command, ...]:
        """Commands of plugins."""
        return cast("tuple[click.Command, ...]", self._joined("slspack_commands"))

    def command_options(self, command: str) -> tuple[tuple[str, CommandOption], ...]:
        """The options that plugins add to a command, each with its plugin's name."""
        found: list[tuple[str, CommandOption]] = []
        for plugin, given in self._each("slspack_command_options", command=command):
            found += ((plugin.name, option) for option in cast("tuple[CommandOption, ...]", given))
        return tuple(found)

    def _joined(self, hook: str, **arguments: object) -> tuple[object, ...]:
        return tuple(item for given in self._all(hook, **arguments) for item in cast("Iterable[object]", given))

    def _all(self, hook: str, **arguments: object) -> list[object]:
        if hook not in self._hooked:
            return [given for one in builtins_of(hook) if (given := one(**arguments)) is not None]
        return cast("list[object]", getattr(self._open().hook, hook)(**arguments))

    def _first(self, hook: str, **arguments: object) -> object:
        if hook not in self._hooked:
            answers = (one(**arguments) for one in builtins_of(hook))
            return next((given for given in answers if given is not None), None)
        return getattr(self._open().hook, hook)(**arguments)

    def _each(self, hook: str, **arguments: object) -> list[tuple[Loaded, object]]:
        """What each plugin gave, in the order of calling, slspack's own left out."""
        if hook not in self._hooked:
            return []
        by_name = {plugin.name: plugin for plugin in self.plugins}
        found = []
        for implementation in reversed(getattr(self._open().hook, hook).get_hookimpls()):
            if implementation.plugin_name not in by_name:
                continue
            given = implementation.function(*(arguments[name] for name in implementation.argnames))
            if given is not None:
                found.append((by_name[implementation.plugin_name], given))
        return found

    def _in_turn(
        self,
        hook: str,
        name: str,
        value: _Value,
        check: Callable[[str, _Value], None] | None = None,
        **arguments: object,
    ) -> _Value:
        """Give a value from one implementation to the next."""
        if hook not in self._hooked:
            return value
        for implementation in reversed(getattr(self._open().hook, hook).get_hookimpls()):
            given = arguments | {name: value}
            answer = implementation.function(*(given[one] for one in implementation.argnames))
            if answer is not None:
                value = cast("_Value", answer)
                if check is not None:
                    check(implementation.plugin_name, value)
        return value

    def _open(self) -> PluginManager:
        """pluggy, with everybody registered; it calls the last one first."""
        if self._manager is None:
            self._manager = _register(self.plugins)
        return self._manager


def _register(plugins: Sequence[Loaded]) -> PluginManager:
    from types import SimpleNamespace

    from pluggy import PluginManager

    from slspack.plugins.guard import guarded
    from slspack.plugins.hookspecs import HookSpecs
    from slspack.plugins.markers import PROJECT, hookimpl

    manager = PluginManager(PROJECT)
    manager.add_hookspecs(HookSpecs)
    for builtin in reversed(BUILTINS):
        call = _as_implementation(builtin, getattr(HookSpecs, builtin.hook))
        manager.register(
            SimpleNamespace(**{builtin.hook: hookimpl(call, tryfirst=builtin.early)}), f"slspack:{builtin.name}"
        )
    for plugin in reversed(plugins):
        manager.register(guarded(plugin), plugin.name)
    return manager


def _as_implementation(builtin: Builtin, specification: Callable[..., object]) -> Callable[..., object]:
    """A function that pluggy takes for one with the specification's arguments."""
    import functools
    import inspect

    names = [name for name in inspect.signature(specification).parameters if name != "self"]

    @functools.wraps(specification)
    def call(*arguments: object) -> object:
        return builtin(**dict(zip(names, arguments, strict=True)))

    return call

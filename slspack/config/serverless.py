"""Reads a `serverless.yml` (or `.yaml`, `.json`) of the Serverless Framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.building import read_build
from slspack.config.cache import read_cache
from slspack.config.functions import (
    Defaults,
    Draft,
    check_targets,
    make_function,
    read_individually,
    warn_without_effect,
)
from slspack.config.hooks import read_hooks
from slspack.config.indexing import read_indexes
from slspack.config.layers import attached_layers, read_layers, read_zip
from slspack.config.layout import read_layout, read_vendor
from slspack.config.native import read_native_ignore
from slspack.config.nodes import Items, Leaf, Table, Unresolved
from slspack.config.packaging import read_package
from slspack.config.patterns import framework_patterns, own_patterns
from slspack.config.places import Place
from slspack.config.plugins import read_plugins
from slspack.config.policy import read_policy, without_deploying
from slspack.config.selections import read_selections
from slspack.config.settings import check_keys, setting
from slspack.config.tracers import wrapped_handler
from slspack.config.value import Value, as_is
from slspack.config.variables import FrameworkSources
from slspack.config.watching import read_watch
from slspack.frozen import dataclass
from slspack.model import Function, Selections, Service, SkippedFunction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.config.documents import Files
    from slspack.config.findings import Findings
    from slspack.config.nodes import Node
    from slspack.model import HookSettings, Location, Pattern, PluginUse, WatchSettings
    from slspack.options import LoadOptions
    from slspack.tree import ServiceTree


def read_serverless(document: Node, files: Files, options: LoadOptions, findings: Findings) -> Service | None:
    """The service that the document declares; None, with errors noted, where it is wrong beyond reading."""
    sources = FrameworkSources(document, files, options)
    resolve = sources.resolver.resolve
    main = Value(resolve(document), "", findings, resolve)
    if not isinstance(main.node, Table):
        main.error(Code.BAD_VALUE, "a `serverless.yml` must be a map")
        return None
    stage = Value(sources.stage(resolve), "provider.stage", findings, resolve).text()
    return _read(main, stage, files, options, findings)


def read_resolved(document: Node, files: Files, options: LoadOptions, findings: Findings) -> Service:
    """The service as the Framework itself has resolved it: what still looks like a variable in it is plain text."""
    main = Value(document, "", findings, as_is)
    return _read(main, options.stage, files, options, findings)


def _read(main: Value, stage: str | None, files: Files, options: LoadOptions, findings: Findings) -> Service:
    reader = _Reader(main, files.tree, options, findings)
    name = _name(main)
    functions, skipped = reader.functions()
    cache, watch, build, hooks = reader.cache, reader.watch(), reader.build, reader.hooks()
    return Service(
        name or "",
        stage or "",
        files.root,
        functions,
        skipped,
        files.names,
        cache=cache,
        watch=watch,
        build=build,
        hooks=hooks,
        indexes=reader.indexes,
        plugins=reader.plugins(),
        layers=reader.layers,
    )


def _name(main: Value) -> str | None:
    value = main.get("service")
    if value is not None and isinstance(value.node, Table):
        value = value.get("name")
    if value is None:
        hint = "write `service: my-service` at the top of the file"
        main.error(Code.REQUIRED_MISSING, "the service has no name", hint)
        return None
    return value.text()


def _custom(main: Value, findings: Findings) -> Value | None:
    """The settings of all plugins. That only the cloud or JavaScript can give them is worth no more than a warning."""
    custom = main.get("custom")
    if custom is None or not isinstance(custom.node, Unresolved):
        return custom
    node = custom.node
    if node.code is not Code.VARIABLE_UNRESOLVED:
        custom.wrong("a map")
        return None
    message = f"`custom` depends on `{node.text}`, {node.why}: settings of slspack in it are not seen"
    findings.warning(
        node.code, message, node.at, "write `custom` as a map, in which single values may be such variables"
    )
    return None


def _inherited_zip(inherited: Value | None) -> bool:
    value = inherited.peek("zip") if inherited else None
    return bool(value and value.flag())


def _check_command(settings: Value | None) -> None:
    """The plugin has read `command` by now, and started this slspack by it: only its kind is to be checked."""
    command = setting(settings, "command")
    if command is not None:
        command.texts()


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of `functions`."""

    name: str
    at: Location
    value: Value


class _Reader:
    """What is common to all functions of the file, and how each is read."""

    def __init__(self, main: Value, tree: ServiceTree, options: LoadOptions, findings: Findings) -> None:
        self._main = main
        self._options = options
        self._findings = findings
        self._package = main.get("package")
        provider = main.get("provider")
        # `provider: aws` is the short form of `provider: {name: aws}`
        self._provider = None if provider is None or isinstance(provider.node, Leaf) else provider
        custom = _custom(main, findings)
        self._settings = custom.peek("slspack") if custom else None
        if self._settings is not None:
            check_keys(self._settings, Place.CUSTOM)
        _check_command(self._settings)
        inherited = custom.peek("pythonRequirements") if custom else None
        if inherited is not None:
            from slspack.config.inherited import check_inherited

            check_inherited(inherited)
        self.cache = read_cache(self._settings, inherited)
        build = read_build(self._settings, tree, inherited)
        self.indexes, self.build = read_indexes(self._settings, build, inherited)
        layout = read_layout(self._settings, inherited, tree)
        policy = read_policy(self._settings, without_deploying(inherited))
        selections = read_selections(self._settings, Selections(), inherited)
        vendor = read_vendor(self._settings, inherited.get("vendor") if inherited else None, tree) or ()
        image, native = read_package(self._settings, None), read_native_ignore(self._settings, ())
        self.layers = read_layers(self._settings, tree, inherited, main.get("layers"))
        zipped = read_zip(self._settings, base=_inherited_zip(inherited))
        self._defaults = Defaults(
            layout, policy, selections, vendor, tree, findings, image, self.layers, zipped, native
        )
        self._individually = self._service_individually()
        self._artifact = self._package.get("artifact") if self._package else None

    def functions(self) -> tuple[tuple[Function, ...], tuple[SkippedFunction, ...]]:
        made: list[Function] = []
        skipped: list[SkippedFunction] = []
        for entry in self._entries():
            function = self._function(entry)
            if isinstance(function, SkippedFunction):
                message = f"function `{entry.name}` is left alone: {function.reason}"
                self._findings.notice(Code.FUNCTION_LEFT_ALONE, message, entry.at, entry.name)
                skipped.append(function)
            elif function is not None:
                made.append(function)
        check_targets(made, self._findings)
        return tuple(made), tuple(skipped)

    def watch(self) -> WatchSettings:
        return read_watch(self._settings)

    def plugins(self) -> tuple[PluginUse, ...]:
        return read_plugins(self._settings)

    def hooks(self) -> HookSettings:
        return read_hooks(self._settings)

    def _entries(self) -> Iterator[_Entry]:
        """`functions` as a map, or as a list of maps of which a later one adds to an earlier."""
        value = self._main.get("functions")
        if value is None:
            return
        tables = list(value.elements())
        merged: dict[str, _Entry] = {}
        for table in tables:
            for name, at in table.key_places():
                child = table.get(name)
                node = child.node if child else Table({}, {}, at)
                before = merged.get(name)
                if before is not None and isinstance(before.value.node, Table) and isinstance(node, Table):
                    node = Table(
                        {**before.value.node.entries, **node.entries}, {**before.value.node.keys, **node.keys}, node.at
                    )
                path = f"functions.{name}"
                merged[name] = _Entry(name, at, Value(node, path, self._findings, self._main.resolve))
        yield from merged.values()

    def _function(self, entry: _Entry) -> Function | SkippedFunction | None:
        value = entry.value
        if not isinstance(value.node, Table):
            value.wrong("a map")
            return None
        reason = self._left_alone(value)
        if reason is not None:
            return SkippedFunction(entry.name, reason)
        settings = value.get("slspack")
        if settings is not None:
            check_keys(settings, Place.CUSTOM_FUNCTION)
        individually = self._function_individually(value, settings)
        if self._artifact is not None and not individually:
            return SkippedFunction(entry.name, "package.artifact of the service")
        draft = Draft(
            name=entry.name,
            value=value,
            at=entry.at,
            runtime=self._inherited(value, "runtime"),
            architecture=self._inherited(value, "architecture"),
            settings=settings,
            patterns=self._patterns(entry, settings, individually=individually),
            individually=individually,
            opaque_layers=self._has_layers(value),
            attached=attached_layers(self._inherited(value, "layers"), self.layers),
            vendor=value.get("vendor"),
            wrapped_handler=wrapped_handler(value, self._provider),
        )
        return make_function(draft, self._defaults)

    def _left_alone(self, value: Value) -> str | None:
        if value.get("image") is not None:
            return "image"
        if value.peek("package", "artifact") is not None:
            return "package.artifact"
        disabled = value.peek("package", "disable")
        return "package.disable" if disabled is not None and disabled.flag() else None

    def _inherited(self, value: Value, key: str) -> Value | None:
        return value.get(key) or (self._provider.get(key) if self._provider else None)

    def _has_layers(self, value: Value) -> bool:
        """Whether it has layers: its own, else the provider's. Where the cloud names them, there are some."""
        layers = self._inherited(value, "layers")
        return layers is not None and not (isinstance(layers.node, Items) and not layers.node.items)

    def _service_individually(self) -> bool:
        own = read_individually(self._settings)
        configured = self._package.get("individually") if self._package else None
        return own if own is not None else bool(configured and configured.flag())

    def _function_individually(self, value: Value, settings: Value | None) -> bool:
        own = read_individually(settings)
        configured = value.peek("package", "individually")
        said = configured.flag() if configured else own
        if self._options.individually is not None:
            return self._options.individually
        return self._individually if said is None else said

    def _patterns(self, entry: _Entry, settings: Value | None, *, individually: bool) -> tuple[Pattern, ...]:
        """The service's rules, and the function's own where it has an artifact of its own, as in the Framework."""
        package = entry.value.get("package")
        service, own = own_patterns(self._settings), own_patterns(settings)
        if individually:
            return (*framework_patterns(self._package, package), *service, *own)
        warn_without_effect(entry.name, (*framework_patterns(None, package), *own), self._findings)
        return (*framework_patterns(self._package, None), *service)

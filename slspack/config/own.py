"""Reads slspack's own configuration: `slspack.yml`, or `[tool.slspack]` in `pyproject.toml`."""

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
from slspack.config.layers import read_layers, read_zip
from slspack.config.layout import read_layout, read_vendor
from slspack.config.native import read_native_ignore
from slspack.config.nodes import Leaf, Table
from slspack.config.packaging import read_package
from slspack.config.patterns import own_patterns
from slspack.config.places import Place
from slspack.config.plugins import read_plugins
from slspack.config.policy import read_policy
from slspack.config.selections import read_selections
from slspack.config.settings import check_keys, setting
from slspack.config.value import Value, as_is
from slspack.config.watching import read_watch
from slspack.model import Function, ImportPolicy, Selections, Service, SkippedFunction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.config.documents import Files
    from slspack.config.findings import Findings
    from slspack.config.nodes import Node
    from slspack.options import LoadOptions


def read_slspack(document: Node, files: Files, options: LoadOptions, findings: Findings) -> Service | None:
    """The service that a `slspack.yml` declares; None, with errors noted, where it is wrong beyond reading."""
    main = Value(document, "", findings, as_is)
    return _read(main, _folder_name(files), files, options, findings)


def read_pyproject(document: Node, files: Files, options: LoadOptions, findings: Findings) -> Service | None:
    """The service that `[tool.slspack]` declares, named as the project where it gives itself no name."""
    main = Value(document, "", findings, as_is)
    table = main.peek("tool", "slspack")
    if table is None:
        hint = "add the table, with `runtime` and `functions`"
        main.error(Code.REQUIRED_MISSING, "the file has no table `[tool.slspack]`", hint)
        return None
    project = main.peek("project", "name")
    name = project.text() if project else None
    return _read(table, name or _folder_name(files), files, options, findings)


def _folder_name(files: Files) -> str:
    return files.root.name or "service"


def _read(main: Value, name: str, files: Files, options: LoadOptions, findings: Findings) -> Service | None:
    if not isinstance(main.node, Table):
        main.error(Code.BAD_VALUE, "slspack's configuration must be a map")
        return None
    check_keys(main, Place.OWN)
    named = setting(main, "service")
    tree = files.tree
    policy, selections = read_policy(main, ImportPolicy()), read_selections(main, Selections())
    vendor = read_vendor(main, None, tree) or ()
    layers, zipped = read_layers(main, tree), read_zip(main, base=False)
    layout, image = read_layout(main, None, tree), read_package(main, None)
    native = read_native_ignore(main, ())
    defaults = Defaults(layout, policy, selections, vendor, tree, findings, image, layers, zipped, native)
    made: list[Function] = []
    for draft in _drafts(main, options):
        function = make_function(draft, defaults)
        if isinstance(function, SkippedFunction):
            hint = "slspack bundles Python functions: name a runtime such as `python3.13`"
            place = draft.runtime or draft.value
            place.error(Code.UNSUPPORTED_RUNTIME, f"function `{draft.name}`: {function.reason} is not Python", hint)
        elif function is not None:
            made.append(function)
    check_targets(made, findings)
    title = (named.text() if named else None) or name
    stage = options.stage or "dev"
    cache, watch, build, hooks = read_cache(main), read_watch(main), read_build(main, tree), read_hooks(main)
    indexes, build = read_indexes(main, build)
    return Service(
        title,
        stage,
        files.root,
        tuple(made),
        (),
        files.names,
        cache=cache,
        watch=watch,
        build=build,
        hooks=hooks,
        indexes=indexes,
        plugins=read_plugins(main),
        layers=layers,
    )


def _drafts(main: Value, options: LoadOptions) -> Iterator[Draft]:
    functions = main.get("functions")
    if functions is None:
        hint = "name them with their handlers: `functions: {api: src/api.handler}`"
        main.error(Code.NO_FUNCTIONS, "slspack's configuration declares no `functions`", hint)
        return
    shared = read_individually(main)
    for name, at, written in functions.pairs():
        value = _long_form(written)
        if not isinstance(value.node, Table):
            value.wrong("a handler or a map")
            continue
        check_keys(value, Place.OWN_FUNCTION)
        own = read_individually(value)
        said = own if own is not None else shared
        individually = (options.individually if options.individually is not None else said) is not False
        patterns = own_patterns(value)
        if not individually:
            warn_without_effect(name, patterns, main.findings)
            patterns = ()
        yield Draft(
            name=name,
            value=value,
            at=at,
            runtime=value.get("runtime") or main.get("runtime"),
            architecture=value.get("architecture") or main.get("architecture"),
            settings=value,
            patterns=(*own_patterns(main), *patterns),
            individually=individually,
        )


def _long_form(value: Value) -> Value:
    """A function that is only its handler, as the map that it stands for."""
    node = value.node
    if not isinstance(node, Leaf) or not isinstance(node.value, str):
        return value
    table = Table({"handler": node}, {"handler": node.at}, node.at)
    return Value(table, value.path, value.findings, value.resolve)

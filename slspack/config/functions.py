"""Makes functions of what a reader found: the rules that hold whatever the file."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.findings import nearest
from slspack.config.handlers import read_handler
from slspack.config.layers import read_layer_use, read_zip
from slspack.config.layout import (
    function_requirements,
    function_roots,
    read_folder,
    read_folders,
    read_vendor,
    script_requirements,
)
from slspack.config.native import read_native_ignore
from slspack.config.packaging import read_package
from slspack.config.policy import read_policy
from slspack.config.selections import read_selections
from slspack.config.settings import setting
from slspack.config.tracers import layer_has
from slspack.frozen import dataclass
from slspack.model import (
    UNPACKER,
    Architecture,
    Function,
    MissingImports,
    MissingRule,
    ServiceLayers,
    SkippedFunction,
    Target,
)
from slspack.targets import parse_architecture, parse_target, runtime_facts, runtime_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.config.findings import Findings
    from slspack.config.layers import LayerUse
    from slspack.config.layout import Layout
    from slspack.config.value import Value
    from slspack.model import Handler, ImagePackage, ImportPolicy, Location, Pattern, Selections
    from slspack.tree import ServiceTree

_STORAGE = 512
"""MB of `/tmp` that a function has at least."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the service says for all its functions."""

    layout: Layout
    policy: ImportPolicy
    selections: Selections
    vendor: tuple[str, ...]
    tree: ServiceTree
    findings: Findings
    image: ImagePackage | None = None
    layers: ServiceLayers = field(default_factory=ServiceLayers)
    zipped: bool = False
    native_ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeFolder:
    """Where a function's code stands, in files that say so: `CodeUri` of a template."""

    roots: tuple[str, ...] | None
    """What stands for the artifact's root, unless `sourceRoots` does; None where that is nothing special."""
    requirements: str
    """The folder whose requirements are the function's."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A function as its reader found it."""

    name: str
    value: Value
    at: Location
    runtime: Value | None
    """The function's own, or the service's."""
    architecture: Value | None
    settings: Value | None
    patterns: tuple[Pattern, ...]
    individually: bool
    opaque_layers: bool = False
    """Whether it may have layers; those of distributions that slspack makes are no reason."""
    attached: tuple[str | None, ...] | None = None
    """The service's layers that the deploy tool attaches, None for each of others; None where that cannot be told."""
    vendor: Value | None = None
    """A key `vendor` of the function itself, as serverless-python-requirements has it."""
    handler: Value | None = None
    """Where it does not stand under `handler`."""
    storage: Value | None = None
    """How large its `/tmp` is, in MB, where that does not stand under `ephemeralStorageSize`."""
    code: CodeFolder | None = None
    wrapped_handler: str | None = None
    """The function's own handler, where `handler` is a tracer's that calls it."""


def make_function(draft: Draft, defaults: Defaults) -> Function | SkippedFunction | None:
    """The function; or why it is left alone; or None, with errors noted, where it is wrong."""
    runtime = _runtime(draft, defaults.findings)
    if runtime is None:
        return None
    if not runtime.startswith("python"):
        return SkippedFunction(draft.name, f"runtime {runtime}")
    target = _target(runtime, draft)
    handler = _handler(draft, defaults.findings)
    module = draft.code.requirements if draft.code else _module(draft)
    entrypoint = draft.value.get("entrypoint")
    wrapped = () if draft.wrapped_handler is None else (draft.wrapped_handler,)
    entrypoints = entrypoint.texts() if entrypoint else wrapped
    requirements = function_requirements(defaults.layout, draft.settings, module, defaults.tree)
    source_roots = _source_roots(draft, module, defaults)
    if handler is not None and not requirements.files and setting(draft.settings, "requirements") is None:
        requirements = script_requirements(requirements, handler.module, source_roots, defaults.tree)
    policy = read_policy(draft.settings, defaults.policy)
    selections = read_selections(draft.settings, defaults.selections)
    vendor = read_vendor(draft.settings, draft.vendor, defaults.tree)
    image = read_package(draft.settings, defaults.image)
    used = read_layer_use(draft.settings, draft.attached, defaults.layers)
    zipped = read_zip(draft.settings, base=defaults.zipped)
    storage = draft.storage or draft.value.get("ephemeralStorageSize")
    ephemeral_storage = storage.whole(_STORAGE) if storage else None
    if handler is not None and wrapped and draft.opaque_layers:
        policy = layer_has(handler.module, policy)
    if target is None or handler is None:
        return None
    return Function(
        name=draft.name,
        handler=handler,
        target=target,
        requirements=requirements,
        source_roots=source_roots,
        vendor=defaults.vendor if vendor is None else vendor,
        entrypoints=entrypoints,
        patterns=draft.patterns,
        policy=_with_shim(policy) if zipped else policy,
        selections=selections,
        opaque_layers=draft.opaque_layers and not _all_are_known(draft, used, defaults.layers),
        layers=used.layers,
        folder_layers=used.folders,
        foreign_layers=used.foreign,
        zipped=zipped,
        ephemeral_storage=ephemeral_storage or _STORAGE,
        individually=draft.individually or image is not None,
        image=image,
        native_ignore=read_native_ignore(draft.settings, defaults.native_ignore),
        location=draft.at,
    )


def _all_are_known(draft: Draft, used: LayerUse, layers: ServiceLayers) -> bool:
    """Whether slspack knows what the layers that it refers to hold, because it builds them."""
    folders = {folder.name for folder in layers.folders}
    return bool(draft.attached) and not used.foreign and folders.isdisjoint(used.folders)


def _with_shim(policy: ImportPolicy) -> ImportPolicy:
    """A policy for a function whose artifact has the module that unpacks its distributions."""
    rule = MissingRule(UNPACKER, MissingImports.IGNORE)
    return replace(policy, missing_rules=tuple(sorted((*policy.missing_rules, rule), key=lambda each: each.module)))


def warn_without_effect(name: str, patterns: tuple[Pattern, ...], findings: Findings) -> None:
    """Say so where a function has patterns of its own in a package that it shares: they are void then."""
    if patterns:
        message = f"the patterns of `{name}` have no effect in a package that it shares"
        hint = "set `individually: true` for it, or move them to the service's patterns"
        findings.warning(Code.PATTERNS_WITHOUT_EFFECT, message, patterns[0].location, hint)


def read_individually(settings: Value | None) -> bool | None:
    """slspack's own `individually`; None where it is not set."""
    value = setting(settings, "individually")
    return value.flag() if value else None


def check_targets(functions: Iterable[Function], findings: Findings) -> None:
    """Warn of deprecated runtimes, each once, and refuse one shared artifact for different targets."""
    deprecated: set[str] = set()
    shared: Function | None = None
    for function in functions:
        facts = runtime_facts(function.target.runtime)
        if facts and facts.deprecated and facts.name not in deprecated:
            deprecated.add(facts.name)
            message = f"AWS has deprecated `{facts.name}` (since {facts.deprecated}), which `{function.name}` runs on"
            findings.warning(Code.DEPRECATED_RUNTIME, message, function.location, f"move to `{runtime_names()[-1]}`")
        if function.individually:
            continue
        shared = shared or function
        if function.target != shared.target:
            message = (
                f"`{function.name}` ({function.target}) and `{shared.name}` ({shared.target}) "
                "cannot share one service package"
            )
            hint = "set `individually: true`, or build with `--individually`"
            findings.error(Code.MIXED_TARGETS, message, function.location, hint)


def _runtime(draft: Draft, findings: Findings) -> str | None:
    if draft.runtime is None:
        hint = f"write `runtime: {runtime_names()[-1]}` for the service or for the function"
        findings.error(Code.REQUIRED_MISSING, f"function `{draft.name}` has no `runtime`", draft.at, hint)
        return None
    return draft.runtime.text()


def _handler(draft: Draft, findings: Findings) -> Handler | None:
    value = draft.handler or draft.value.get("handler")
    if value is None:
        hint = "write the module and the function that Lambda calls: `handler: src/app.handler`"
        findings.error(Code.REQUIRED_MISSING, f"function `{draft.name}` has no `handler`", draft.at, hint)
        return None
    return read_handler(value)


def _source_roots(draft: Draft, module: str | None, defaults: Defaults) -> tuple[str, ...]:
    if draft.code is None:
        return function_roots(defaults.layout, draft.settings, module, defaults.tree)
    own = read_folders(draft.settings, "sourceRoots")
    return own or draft.code.roots or function_roots(defaults.layout, None, None, defaults.tree)


def _module(draft: Draft) -> str | None:
    """The function's own folder; the service's is none of its own."""
    value = draft.value.get("module")
    folder = read_folder(value) if value else None
    return None if folder == "." else folder


def _target(runtime: str, draft: Draft) -> Target | None:
    architecture = Architecture.X86_64
    if draft.architecture is not None:
        text = draft.architecture.text()
        parsed = parse_architecture(text) if text is not None else None
        if text is not None and parsed is None:
            message = f"`{draft.architecture.path}`: the architecture `{text}` is not supported"
            draft.architecture.error(Code.UNSUPPORTED_RUNTIME, message, "Lambda has `x86_64` and `arm64`")
        if parsed is None:
            return None
        architecture = parsed
    target = parse_target(runtime, architecture.value)
    if target is None and draft.runtime is not None:
        names = runtime_names()
        known = f"slspack knows `{names[0]}` to `{names[-1]}`"
        similar = nearest(runtime, names)
        hint = f"{known}; {similar}" if similar else known
        message = f"`{draft.runtime.path}`: the runtime `{runtime}` is not supported"
        draft.runtime.error(Code.UNSUPPORTED_RUNTIME, message, hint)
    return target

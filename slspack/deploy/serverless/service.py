"""The Framework's service, narrowed to what slspack reads of it.

What is handed over may hold secrets (resolved variables, the functions' environment), and values that differ from run
to run. Nothing of that may reach a key, a file or a message.
"""

from __future__ import annotations

from typing import TypeAlias

from slspack.config.tracers import TRACER_VARIABLES

_Map: TypeAlias = "dict[str, object]"

_PACKAGE = ("artifact", "disable", "individually", "patterns", "include", "exclude")
_PROVIDER = ("name", "runtime", "architecture", "layers")
_FUNCTION = (
    "handler",
    "runtime",
    "architecture",
    "module",
    "entrypoint",
    "vendor",
    "image",
    "layers",
    "ephemeralStorageSize",
    "slspack",
)
_LAYER = (
    "path",
    "name",
    "description",
    "compatibleRuntimes",
    "compatibleArchitectures",
    "licenseInfo",
    "allowedAccounts",
    "retain",
    "package",
)
_CUSTOM = ("slspack", "pythonRequirements")
_DEFAULT_RUNTIME = "nodejs"
"""Where neither the provider nor a function names a runtime, the Framework takes one of Node.js."""


def narrowed(service: _Map) -> _Map:
    """A document in the form of a `serverless.yml`. What is of the wrong kind stays, for the reader to say so."""
    provider = _part(service.get("provider"), _PROVIDER)
    functions, layers = service.get("functions"), service.get("layers")
    return {
        "service": service.get("service"),
        "provider": {"runtime": _DEFAULT_RUNTIME, **_present(provider)} if isinstance(provider, dict) else provider,
        "package": _part(service.get("package"), _PACKAGE),
        "custom": _part(service.get("custom"), _CUSTOM),
        "functions": {name: _part(one, (*_FUNCTION, "package")) for name, one in functions.items()}
        if isinstance(functions, dict)
        else functions,
        "layers": {name: _part(one, _LAYER) for name, one in layers.items()} if isinstance(layers, dict) else layers,
    }


def _part(value: object, keys: tuple[str, ...]) -> object:
    if not isinstance(value, dict):
        return value
    part: _Map = {key: value[key] for key in keys if key in value}
    if "package" in part:
        part["package"] = _part(part["package"], _PACKAGE)
    environment = value.get("environment")
    tracers = sorted(TRACER_VARIABLES & environment.keys()) if isinstance(environment, dict) else []
    if isinstance(environment, dict) and tracers:
        part["environment"] = {name: environment[name] for name in tracers}
    return part


def _present(values: _Map) -> _Map:
    return {key: value for key, value in values.items() if value is not None}

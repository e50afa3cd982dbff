"""What `serverless-plugin-datadog` is going to do to the functions once they are packaged.

It puts its own handler in front of theirs only then, so that an artifact without `datadog_lambda` would fail in Lambda.
"""

from __future__ import annotations

from typing import TypeAlias

_Map: TypeAlias = "dict[str, object]"

_PLUGIN = "serverless-plugin-datadog"
_HANDLER = "datadog_lambda.handler.handler"
_VARIABLE = "DD_LAMBDA_HANDLER"
_SPELLINGS = ("missingImports", "missing-imports")


def redirected(service: _Map) -> _Map:
    """The service with the handlers that will be deployed; the same service where that plugin is not used."""
    settings = _table(_table(service.get("custom")).get("datadog"))
    if (
        not _is_used(service.get("plugins"))
        or settings.get("redirectHandlers") is False
        or settings.get("enabled") is False
    ):
        return service
    if settings.get("customHandler") is not None:
        return service
    listed = settings.get("exclude")
    excluded = listed if isinstance(listed, list) else []
    has_layer = settings.get("addLayers") is not False
    functions = _table(service.get("functions"))
    wrapped = {name: one if name in excluded else _wrapped(one, has_layer=has_layer) for name, one in functions.items()}
    return {**service, "functions": wrapped}


def _is_used(plugins: object) -> bool:
    names = plugins.get("modules") if isinstance(plugins, dict) else plugins
    return isinstance(names, list) and _PLUGIN in names


def _wrapped(function: object, *, has_layer: bool) -> object:
    if not isinstance(function, dict) or not isinstance(function.get("handler"), str):
        return function
    if function["handler"].replace("/", ".") == _HANDLER:
        return function
    environment = {**_table(function.get("environment")), _VARIABLE: function["handler"]}
    wrapped = {**function, "handler": _HANDLER, "environment": environment}
    if has_layer:
        wrapped["slspack"] = _without_complaint(_table(function.get("slspack")))
    return wrapped


def _without_complaint(settings: _Map) -> _Map:
    """Settings of a function for which Datadog's layer has what no requirement provides."""
    key = next((spelling for spelling in _SPELLINGS if spelling in settings), _SPELLINGS[0])
    said = settings.get(key)
    rules = said if isinstance(said, dict) else {} if said is None else {"default": said}
    return {**settings, key: {_HANDLER.partition(".")[0]: "ignore", **rules}}


def _table(value: object) -> _Map:
    return value if isinstance(value, dict) else {}

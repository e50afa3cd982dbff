"""Tracers between Lambda and a handler: Lambda calls the tracer's, which calls the one that a variable names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.model import ImportPolicy, MissingImports, MissingRule, ModuleName

if TYPE_CHECKING:
    from slspack.config.value import Value

_TRACERS = {
    # What serverless-plugin-datadog sets for every Python function.
    "datadog_lambda.handler.handler": "DD_LAMBDA_HANDLER",
}
"""The handlers of tracers, each with the variable of the function's environment that names the function's own."""

TRACER_VARIABLES = frozenset(_TRACERS.values())


def wrapped_handler(function: Value, provider: Value | None) -> str | None:
    """The handler that the function's tracer calls; None where its handler is no tracer's."""
    handler = function.get("handler")
    variable = _TRACERS.get((handler.text() or "").replace("/", ".")) if handler else None
    if variable is None:
        return None
    levels = (function.peek("environment", variable), provider.peek("environment", variable) if provider else None)
    named = next((value for value in levels if value is not None), None)
    return named.text() if named else None


def layer_has(handler: ModuleName, policy: ImportPolicy) -> ImportPolicy:
    """The policy of a function whose tracer, if no requirement provides it, is in one of its layers."""
    package = ModuleName(handler.partition(".")[0])
    if any(rule.module == package for rule in policy.missing_rules):
        return policy
    return replace(policy, missing_rules=(*policy.missing_rules, MissingRule(package, MissingImports.IGNORE)))

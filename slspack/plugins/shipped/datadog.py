"""`datadog`: Datadog's wrapper goes around handlers, as its own deploy plugins have it.

Those redirect the function to `datadog_lambda.handler.handler`, which imports the library, then the handler that
`DD_LAMBDA_HANDLER` names, and wraps it. Here the handler keeps its name and the same happens in the same order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import HandlerWrapper, Provided
from slspack.plugins import INTERFACE, hookimpl, with_requirement
from slspack.plugins.shipped.chosen import EVERY, chosen, is_chosen

if TYPE_CHECKING:
    from slspack.model import Function, ModuleName, Service

slspack_interface = INTERFACE

# Importing `datadog_lambda` patches libraries, which has to be done before the handler's module imports them.
_WRAPPER = """\
from datadog_lambda.wrapper import datadog_lambda_wrapper as wrap
"""
_IN_LAYER = frozenset({"datadog", "datadog_lambda", "ddtrace"})


@dataclass(frozen=True, slots=True)
class Options:
    """The plugin's options."""

    functions: tuple[str, ...] = EVERY
    """Globs of the names of functions whose handlers are wrapped."""
    layer: bool = False
    """Whether Datadog's layer brings the library, so that it is not packaged."""


class Datadog:
    """The plugin."""

    def __init__(self, options: Options) -> None:
        self._options = options

    @hookimpl
    def slspack_amend_service(self, service: Service) -> Service | None:
        """The library is one more requirement; a version that the user lists counts."""
        names = chosen(service, self._options.functions)
        return None if self._options.layer else with_requirement(service, names, "datadog-lambda")

    @hookimpl
    def slspack_missing_import(self, function: Function, module: ModuleName) -> Provided | None:
        """What the layer brings, the service's own code may import."""
        if self._options.layer and is_chosen(function.name, self._options.functions):
            return Provided("Datadog's layer has it") if module.split(".")[0] in _IN_LAYER else None
        return None

    @hookimpl
    def slspack_wrap_handler(self, function: Function) -> HandlerWrapper | None:
        """The library's own wrapper."""
        if not is_chosen(function.name, self._options.functions):
            return None
        return HandlerWrapper(_WRAPPER, "Datadog's wrapper of the handler", early=True)


plugin = Datadog

"""`sentry`: Sentry's SDK is initialised before the handler's module is imported, with its integration for Lambda.

The integration wraps whatever Lambda's runtime calls, and reports what fails while the module is imported, too. So the
wrapper of `slspack_wrap_handler` has its work done when it is imported, which is why it is an early one.
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

# The SDK itself reads SENTRY_ENVIRONMENT and SENTRY_RELEASE; the rate's variable is that of Sentry's layer.
_WRAPPER = """\
import os

import sentry_sdk
from sentry_sdk.integrations.aws_lambda import AwsLambdaIntegration

rate = os.environ.get("SENTRY_TRACES_SAMPLE_RATE")
sentry_sdk.init(
    dsn=os.environ.get("SENTRY_DSN"),
    integrations=[AwsLambdaIntegration(timeout_warning={timeout_warning})],
    traces_sample_rate=float(rate) if rate else {traces_sample_rate},
)


def wrap(handler):
    return handler
"""


@dataclass(frozen=True, slots=True)
class Options:
    """The plugin's options. Where events go, the variable `SENTRY_DSN` of the function says; without it, nowhere."""

    functions: tuple[str, ...] = EVERY
    """Globs of the names of functions whose handlers are wrapped."""
    timeout_warning: bool = True
    """Whether a call that is about to run into the function's timeout is reported."""
    traces_sample_rate: float | None = None
    """The share of calls that are traced, 0 to 1, where `SENTRY_TRACES_SAMPLE_RATE` of the function says nothing."""
    layer: bool = False
    """Whether Sentry's layer brings the SDK, so that it is not packaged."""


class Sentry:
    """The plugin."""

    def __init__(self, options: Options) -> None:
        self._options = options

    @hookimpl
    def slspack_amend_service(self, service: Service) -> Service | None:
        """The SDK is one more requirement; a version that the user lists counts."""
        names = chosen(service, self._options.functions)
        return None if self._options.layer else with_requirement(service, names, "sentry-sdk")

    @hookimpl
    def slspack_missing_import(self, function: Function, module: ModuleName) -> Provided | None:
        """What the layer brings, the service's own code may import."""
        if self._options.layer and is_chosen(function.name, self._options.functions):
            return Provided("Sentry's layer has it") if module.split(".")[0] == "sentry_sdk" else None
        return None

    @hookimpl
    def slspack_wrap_handler(self, function: Function) -> HandlerWrapper | None:
        """A module that initialises the SDK, and leaves the handler to the integration."""
        options = self._options
        if not is_chosen(function.name, options.functions):
            return None
        source = _WRAPPER.format(timeout_warning=options.timeout_warning, traces_sample_rate=options.traces_sample_rate)
        return HandlerWrapper(source, "initialises Sentry's SDK", early=True)


plugin = Sentry

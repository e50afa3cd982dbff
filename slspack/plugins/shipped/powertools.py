"""`powertools`: the decorators that Powertools for AWS Lambda has for handlers, without a line in the handlers.

They share their state with the instances that the function's own code makes for the same service: what such a `Logger`
logs has the keys of the call, and what such a `Metrics` collects is written when the call ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import HandlerWrapper, Provided
from slspack.plugins import INTERFACE, hookimpl, with_requirement
from slspack.plugins.shipped.chosen import EVERY, chosen, is_chosen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.model import Function, ModuleName, Service

slspack_interface = INTERFACE


@dataclass(frozen=True, slots=True)
class Logger:
    """Arguments of `Logger.inject_lambda_context`."""

    log_event: bool = False
    correlation_id_path: str | None = None
    """JMESPath into the event."""
    clear_state: bool = False


@dataclass(frozen=True, slots=True)
class Tracer:
    """Arguments of `Tracer.capture_lambda_handler`. Without them the function's variables count."""

    capture_response: bool | None = None
    capture_error: bool | None = None


@dataclass(frozen=True, slots=True)
class Metrics:
    """Arguments of `Metrics` and of its `log_metrics`."""

    namespace: str | None = None
    """Without it `POWERTOOLS_METRICS_NAMESPACE` of the function counts."""
    capture_cold_start_metric: bool = False
    raise_on_empty_metrics: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """The plugin's options. `true` stands for a decorator without arguments, `false` for none."""

    functions: tuple[str, ...] = EVERY
    """Globs of the names of functions whose handlers are wrapped."""
    service: str | None = None
    """Without it `POWERTOOLS_SERVICE_NAME` of the function counts."""
    logger: bool | Logger = True
    tracer: bool | Tracer = False
    metrics: bool | Metrics = False
    layer: bool = False
    """Whether Powertools' layer brings the library, so that it is not packaged."""


class Powertools:
    """The plugin."""

    def __init__(self, options: Options) -> None:
        self._options = options

    @hookimpl
    def slspack_amend_service(self, service: Service) -> Service | None:
        """The library is one more requirement, and X-Ray's where calls are traced; versions that the user lists win."""
        names = chosen(service, self._options.functions)
        if self._options.layer:
            return None
        service = with_requirement(service, names, "aws-lambda-powertools")
        return with_requirement(service, names, "aws-xray-sdk") if self._options.tracer else service

    @hookimpl
    def slspack_missing_import(self, function: Function, module: ModuleName) -> Provided | None:
        """What the layer brings, the service's own code may import."""
        if self._options.layer and is_chosen(function.name, self._options.functions):
            return Provided("Powertools' layer has it") if module.split(".")[0] == "aws_lambda_powertools" else None
        return None

    @hookimpl
    def slspack_wrap_handler(self, function: Function) -> HandlerWrapper | None:
        """The decorators in the order in which Powertools' documentation has them: the logger's is the outermost."""
        decorators = list(_decorators(self._options))
        if not decorators or not is_chosen(function.name, self._options.functions):
            return None
        imports = f"from aws_lambda_powertools import {', '.join(sorted(one.split('(')[0] for one in decorators))}"
        lines = [f"    handler = {decorator}" for decorator in decorators]
        source = "\n".join([imports, "", "", "def wrap(handler):", *lines, "    return handler", ""])
        return HandlerWrapper(source, "decorators of Powertools for AWS Lambda")


plugin = Powertools


def _decorators(options: Options) -> Iterator[str]:
    """The calls that decorate `handler`, the innermost first."""
    service = {"service": options.service}
    if options.metrics is not False:
        metrics = options.metrics if isinstance(options.metrics, Metrics) else Metrics()
        given = {
            "capture_cold_start_metric": metrics.capture_cold_start_metric,
            "raise_on_empty_metrics": metrics.raise_on_empty_metrics,
        }
        yield _call("Metrics", service | {"namespace": metrics.namespace}, "log_metrics", given)
    if options.tracer is not False:
        tracer = options.tracer if isinstance(options.tracer, Tracer) else Tracer()
        captured = {"capture_response": tracer.capture_response, "capture_error": tracer.capture_error}
        yield _call("Tracer", service, "capture_lambda_handler", captured)
    if options.logger is not False:
        logger = options.logger if isinstance(options.logger, Logger) else Logger()
        said = {
            "log_event": logger.log_event,
            "correlation_id_path": logger.correlation_id_path,
            "clear_state": logger.clear_state,
        }
        yield _call("Logger", service, "inject_lambda_context", said)


def _call(kind: str, made_with: Mapping[str, str | None], method: str, given: Mapping[str, bool | str | None]) -> str:
    """`Kind(…).method(handler, …)`, with what is set."""
    made = ", ".join(f"{name}={value!r}" for name, value in made_with.items() if value is not None)
    arguments = "".join(f", {name}={value!r}" for name, value in given.items() if value is not None)
    return f"{kind}({made}).{method}(handler{arguments})"

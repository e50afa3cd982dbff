"""What the plugins `wsgi` and `asgi` share: which functions are theirs, and what goes around their handlers."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from importlib.resources import files as resources
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.frozen import dataclass
from slspack.model import Finding, HandlerWrapper, Severity
from slspack.plugins import with_requirement
from slspack.plugins.shipped.applications import Sources, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.model import Function, Service
    from slspack.plugins import OwnFiles
    from slspack.plugins.shipped.applications import Kind

TEXT_TYPES = (
    "text/",
    "application/javascript",
    "application/json",
    "application/problem+json",
    "application/vnd.api+json",
    "application/vnd.oai.openapi",
    "application/xml",
    "image/svg+xml",
)
"""What the types begin with of responses that are text: all others go to API Gateway in base64."""


@dataclass(frozen=True, slots=True)
class Applications:
    """The functions of a service whose handlers are applications of one kind."""

    plugin: str
    kind: Kind
    functions: tuple[str, ...]
    """Globs of the names of functions that are, whatever their source says."""
    exclude: tuple[str, ...]
    """Globs of those that are not."""

    def has(self, function: Function, files: OwnFiles) -> bool:
        """Whether a function's handler is one."""
        return self._has(function, Sources(files))

    def amended(self, service: Service, files: OwnFiles, adapter: str) -> Service:
        """The service, with the adapter among the requirements of these functions and no others."""
        sources = Sources(files)
        names = [function.name for function in service.functions if self._has(function, sources)]
        findings = (*service.findings, *self._unknown_names(service), *self._unsure(service, sources))
        return with_requirement(replace(service, findings=findings), names, adapter)

    def _has(self, function: Function, sources: Sources) -> bool:
        if _named(function.name, self.exclude):
            return False
        return _named(function.name, self.functions) or judge(function, sources).kind is self.kind

    def wrapper(self, source: str, **settings: object) -> HandlerWrapper:
        """What goes around: `source` defines `wrap`, and finds `stand_in`, `mounted` and the settings beside it."""
        shared = resources("slspack.plugins.shipped").joinpath("in_lambda.py").read_text("utf-8")
        assigned = "".join(f"{name} = {value!r}\n" for name, value in settings.items())
        return HandlerWrapper(
            f"{shared}\n\n{assigned}\n\n{source}", f"lets Lambda call the {self.kind.value} application"
        )

    def _unknown_names(self, service: Service) -> Iterator[Finding]:
        names = [function.name for function in service.functions]
        for glob in (*self.functions, *self.exclude):
            if not any(fnmatchcase(name, glob) for name in names):
                near = get_close_matches(glob, names, n=1)
                message = f"the plugin `{self.plugin}` is told of `{glob}`, and no function is named so"
                hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(f'`{name}`' for name in names)}"
                yield Finding(Code.PLUGIN_FINDING, Severity.ERROR, message, hint=hint)

    def _unsure(self, service: Service, sources: Sources) -> Iterator[Finding]:
        for function in service.functions:
            if _named(function.name, (*self.functions, *self.exclude)):
                continue
            if self.kind in judge(function, sources).suspected:
                message = (
                    f"`{function.handler.attribute}` of `{function.handler.module}` may be a {self.kind.value} "
                    "application, and its source does not tell"
                )
                hint = f"name `{function.name}` in `functions` of the plugin `{self.plugin}`, or in its `exclude`"
                at = function.handler.location or function.location
                yield Finding(Code.PLUGIN_FINDING, Severity.WARNING, message, at, hint, function.name)


def _named(name: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def mount_options(base_path: str, *, strip_stage: bool) -> tuple[str, bool]:
    """What `mounted` is told: the base path with a slash before it and none behind it."""
    path = base_path.strip("/")
    return f"/{path}" if path else "", strip_stage

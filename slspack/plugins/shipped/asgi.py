"""`handler: app.app`, where `app` is an ASGI application (FastAPI, Starlette, Django…): Mangum stands before it.

As in `wsgi`, `slspack_amend_service` puts the adapter into the closure of the functions, and `slspack_wrap_handler`
around their handlers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from slspack.plugins import hookimpl
from slspack.plugins.shipped.adapting import TEXT_TYPES, Applications, mount_options
from slspack.plugins.shipped.applications import Kind

if TYPE_CHECKING:
    from slspack.model import Function, HandlerWrapper, Service
    from slspack.plugins import OwnFiles, PluginFiles

slspack_interface = 1

_WRAP = """\
from mangum import Mangum


def wrap(app):
    async def application(scope, receive, send):
        # What FastAPI is told of its root by itself counts.
        if scope["type"] == "http" and not (hasattr(app, "root_path_in_servers") and app.root_path):
            # By the specification, the path begins with the root path.
            root, path = mounted(scope["aws.event"], scope["path"], *MOUNT)
            scope = dict(scope, path=root + path, root_path=root)
        await app(scope, receive, send)

    # Django raises where it is asked to start up, and Mangum would print that with each request.
    lifespan = "off" if LIFESPAN == "auto" and type(app).__module__.startswith("django.") else LIFESPAN
    handler = Mangum(application, lifespan, text_mime_types=TEXT_TYPES, exclude_headers=EXCLUDE_HEADERS)
    return stand_in(app, handler)
"""


@dataclass(frozen=True)
class Options:
    """What users of Mangum set."""

    functions: tuple[str, ...] = ()
    """Names, as globs, of functions whose handlers are ASGI applications although their source does not tell."""
    exclude: tuple[str, ...] = ()
    """Names, as globs, of functions that are left alone."""
    adapter: str = "mangum"
    """The requirement (PEP 508) of the adapter, where the service does not list it itself."""
    api_gateway_base_path: str = ""
    """The mapping of a custom domain, under which the application is found: `v1`."""
    strip_stage_path: bool = False
    """Whether addresses that the application makes leave out the stage."""
    text_mime_types: tuple[str, ...] = ()
    """What the types of responses hold that are text, besides those that are known."""
    lifespan: Literal["auto", "on", "off"] = "auto"
    """Whether the application is started and shut down around each request."""
    exclude_headers: tuple[str, ...] = ()
    """Headers of responses that are left out."""


class Asgi:
    """Wraps ASGI applications."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.applications = Applications("asgi", Kind.ASGI, options.functions, options.exclude)

    @hookimpl
    def slspack_amend_service(self, service: Service, files: OwnFiles) -> Service:
        """Bring the adapter."""
        return self.applications.amended(service, files, self.options.adapter)

    @hookimpl(tryfirst=True)
    def slspack_wrap_handler(self, function: Function, files: PluginFiles) -> HandlerWrapper | None:
        """Put it around the application, innermost: other wrappers expect a handler."""
        if not self.applications.has(function, files):
            return None
        options = self.options
        return self.applications.wrapper(
            _WRAP,
            MOUNT=mount_options(options.api_gateway_base_path, strip_stage=options.strip_stage_path),
            LIFESPAN=options.lifespan,
            TEXT_TYPES=[*TEXT_TYPES, *options.text_mime_types],
            EXCLUDE_HEADERS=[*options.exclude_headers],
        )


plugin = Asgi

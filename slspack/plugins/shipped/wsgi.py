"""`handler: app.app`, where `app` is a WSGI application (Flask, Django, Falcon…): apig-wsgi stands before it.

The hook `slspack_amend_service` puts the adapter into the closure of the functions, `slspack_wrap_handler` around their
handlers. Each of them looks at the source anew: what a plugin keeps between two hooks, a build that recalls one of the
two would miss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slspack.plugins import hookimpl
from slspack.plugins.shipped.adapting import TEXT_TYPES, Applications, mount_options
from slspack.plugins.shipped.applications import Kind

if TYPE_CHECKING:
    from slspack.model import Function, HandlerWrapper, Service
    from slspack.plugins import OwnFiles, PluginFiles

slspack_interface = 1

_WRAP = """\
from apig_wsgi import make_lambda_handler


def wrap(app):
    def application(environ, start_response):
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = mounted(
            environ["apig_wsgi.full_event"], environ["PATH_INFO"], *MOUNT
        )
        return app(environ, start_response)

    return stand_in(app, make_lambda_handler(application, BINARY_SUPPORT, TEXT_TYPES))
"""


@dataclass(frozen=True)
class Options:
    """What users of serverless-wsgi and of apig-wsgi set."""

    functions: tuple[str, ...] = ()
    """Names, as globs, of functions whose handlers are WSGI applications although their source does not tell."""
    exclude: tuple[str, ...] = ()
    """Names, as globs, of functions that are left alone."""
    adapter: str = "apig-wsgi"
    """The requirement (PEP 508) of the adapter, where the service does not list it itself."""
    api_gateway_base_path: str = ""
    """The mapping of a custom domain, under which the application is found: `v1`."""
    strip_stage_path: bool = False
    """Whether addresses that the application makes leave out the stage."""
    text_mime_types: tuple[str, ...] = ()
    """What the types of responses begin with that are text, besides those that are known."""
    binary_support: bool | None = None
    """Whether other responses go out in base64; None: unless the API is a REST API."""


class Wsgi:
    """Wraps WSGI applications."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.applications = Applications("wsgi", Kind.WSGI, options.functions, options.exclude)

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
            BINARY_SUPPORT=options.binary_support,
            TEXT_TYPES=(*TEXT_TYPES, *options.text_mime_types),
        )


plugin = Wsgi

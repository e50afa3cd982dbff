"""What is put around an application: Lambda can call it, and to everybody else it stays what it is.

The plugins `wsgi` and `asgi` copy this source into artifacts. It uses nothing but the standard library, and runs on
every Python that Lambda has.
"""

from __future__ import annotations

import inspect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_WARMING = ("aws.events", "serverless-plugin-warmup")
"""Sources of events that keep a function warm, or come on a schedule: no application can answer them."""
_KEPT = frozenset({
    "__call__", "__class__", "__del__", "__delattr__", "__delete__", "__dict__", "__get__", "__getattr__",
    "__getattribute__", "__init__", "__init_subclass__", "__new__", "__set__", "__set_name__", "__setattr__",
    "__subclasshook__", "__weakref__",
})  # fmt: skip


def stand_in(app: Any, handler: Callable[[Any, Any], Any]) -> Any:
    """An object that is the application to whoever looks at it; called with an event and a context it is the handler.

    Modules that import the application later get this in its place: what they read, set, call or compare is the
    application's own.
    """

    def call(self: Any, *arguments: Any, **named: Any) -> Any:
        if len(arguments) != 2 or named or _is_environ(arguments[0]):
            return app(*arguments, **named)
        event, context = arguments
        if isinstance(event, dict) and event.get("source") in _WARMING:
            print("slspack: an event of `{}` is no request, and is left alone".format(event["source"]))
            return {}
        return handler(event, context)

    # Servers ask whether calling an application gives a coroutine.
    mark = getattr(inspect, "markcoroutinefunction", None)
    if mark and (inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__)):
        mark(call)
    kind = type(app)
    special = [name for name in dir(kind) if name.startswith("__") and name.endswith("__") and name not in _KEPT]
    body: dict[str, Any] = {name: _forward(app, name) for name in special if callable(getattr(kind, name, None))}
    body.update(
        __slots__=("__weakref__",),
        __module__=kind.__module__,
        __doc__=kind.__doc__,
        __class__=property(lambda _: app.__class__),
        __dict__=property(lambda _: app.__dict__),
        __getattr__=lambda _, name: getattr(app, name),
        __setattr__=lambda _, name, value: setattr(app, name, value),
        __delattr__=lambda _, name: delattr(app, name),
        __call__=call,
    )
    return type(kind.__name__, (), body)()


def _forward(app: Any, name: str) -> Callable[..., Any]:
    def method(self: Any, *arguments: Any, **named: Any) -> Any:
        return getattr(app, name)(*arguments, **named)

    return method


def _is_environ(value: Any) -> bool:
    """Whether it is what a WSGI server gives, and no event (PEP 3333)."""
    return isinstance(value, dict) and "wsgi.input" in value


def mounted(event: Any, path: str, base: str, strip_stage: bool) -> tuple[str, str]:  # noqa: FBT001 (written in full)
    """What stands before an application in the address of a request, and the application's own path.

    On the endpoint that API Gateway gives to an API, that is the stage: it is in the path of an HTTP API, and missing
    in that of a REST API, although the client wrote it. On a domain of one's own it is the mapping's `base`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    context = event.get("requestContext") or {}
    if ".execute-api." in (context.get("domainName") or ""):
        stage = context.get("stage") or "$default"
        mount = "" if stage == "$default" else "/" + stage
        if "version" not in event:
            return ("" if strip_stage else mount), path
        shown = "" if strip_stage else mount
    else:
        shown = mount = base
    if mount and (path == mount or path.startswith(mount + "/")):
        return shown, path[len(mount) :] or "/"
    return "", path

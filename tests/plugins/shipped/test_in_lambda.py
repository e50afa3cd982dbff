"""The object that stands in for an application, and the address that an application is found under."""

from __future__ import annotations

import inspect
import subprocess
from pathlib import Path
from typing import Any

import pytest

from slspack.plugins.shipped import in_lambda
from slspack.plugins.shipped.in_lambda import mounted, stand_in
from tests.support.gateway import balancer_event, http_event, rest_event, url_event
from tests.support.interpreters import find_interpreter


class App:
    """An application."""

    def __init__(self) -> None:
        self.name = "shop"

    def __call__(self, *arguments: object, **named: object) -> list[object]:
        return ["app", *arguments, named]

    def __len__(self) -> int:
        return 3

    def __getitem__(self, key: object) -> object:
        return key

    def __repr__(self) -> str:
        return "<the app>"


def handler(event: object, context: object) -> list[object]:
    return ["handler", event, context]


def test_lambda_calls_the_handler_and_servers_the_application() -> None:
    app = stand_in(App(), handler)
    assert app({"path": "/"}, None) == ["handler", {"path": "/"}, None]
    environ = {"wsgi.input": None}
    assert app(environ, print) == ["app", environ, print, {}]
    assert app("scope", "receive", "send") == ["app", "scope", "receive", "send", {}]
    assert app(1, 2, key=3) == ["app", 1, 2, {"key": 3}]


def test_everything_else_is_the_applications() -> None:
    inner = App()
    app: Any = stand_in(inner, handler)
    is_app: bool = isinstance(app, App)
    assert is_app
    assert (app.name, len(app), app["x"], repr(app), str(app)) == ("shop", 3, "x", "<the app>", "<the app>")
    assert app == app
    assert app == inner
    assert hash(app) == hash(inner)
    assert app != App()
    app.name = "other"
    app.added = 1
    assert vars(inner) == vars(app) == {"name": "other", "added": 1}
    del app.added
    assert not hasattr(inner, "added")
    assert (type(app).__name__, app.__doc__, app.__module__) == ("App", "An application.", __name__)
    assert set(dir(app)) == set(dir(inner))


def test_a_function_can_be_an_application() -> None:
    def simple(environ: object, start_response: object) -> list[object]:
        return [environ, start_response]

    app = stand_in(simple, handler)
    assert app({"wsgi.input": 1}, print) == [{"wsgi.input": 1}, print]
    assert app({}, 1) == ["handler", {}, 1]
    assert app.__name__ == "simple"


def test_a_server_sees_that_calling_gives_a_coroutine() -> None:
    class Asgi:
        async def __call__(self, scope: object, receive: object, send: object) -> object:
            return scope

    can_tell = hasattr(inspect, "markcoroutinefunction")
    assert inspect.iscoroutinefunction(stand_in(Asgi(), handler).__call__) is can_tell
    assert not inspect.iscoroutinefunction(stand_in(App(), handler).__call__)


def test_what_keeps_a_function_warm_is_no_request(capsys: pytest.CaptureFixture[str]) -> None:
    app = stand_in(App(), handler)
    assert app({"source": "serverless-plugin-warmup"}, None) == {}
    assert app({"source": "aws.events"}, None) == {}
    assert "`aws.events` is no request" in capsys.readouterr().out
    assert app({"source": "orders"}, None)[0] == "handler"


MINE = "shop.example"


@pytest.mark.parametrize(
    ("event", "path", "strip", "expected"),
    [
        (rest_event("/orders"), "/orders", False, ("/dev", "/orders")),
        (rest_event("/orders"), "/orders", True, ("", "/orders")),
        (rest_event("/dev/orders"), "/dev/orders", False, ("/dev", "/dev/orders")),
        (http_event("/dev/orders", "dev"), "/dev/orders", False, ("/dev", "/orders")),
        (http_event("/dev/orders", "dev"), "/dev/orders", True, ("", "/orders")),
        (http_event("/dev", "dev"), "/dev", False, ("/dev", "/")),
        (http_event("/develop", "dev"), "/develop", False, ("", "/develop")),
        (http_event("/orders"), "/orders", False, ("", "/orders")),
        (http_event("/v1/orders", "dev", domain=MINE), "/v1/orders", False, ("/v1", "/orders")),
        (http_event("/v1/orders", "dev", domain=MINE), "/v1/orders", True, ("/v1", "/orders")),
        (http_event("/dev/orders", "dev", domain=MINE), "/dev/orders", False, ("", "/dev/orders")),
        (rest_event("/v1", domain=MINE), "/v1", False, ("/v1", "/")),
        (url_event("/orders"), "/orders", False, ("", "/orders")),
        (balancer_event("/v1/orders"), "/v1/orders", False, ("/v1", "/orders")),
        ({}, "/orders", False, ("", "/orders")),
    ],
)
def test_what_stands_before_the_applications_own_path(
    event: dict[str, object], path: str, strip: bool, expected: tuple[str, str]
) -> None:
    assert mounted(event, path, "/v1", strip) == expected


@pytest.mark.interpreters
@pytest.mark.parametrize("minor", ["3.8", "3.9", "3.10", "3.12", "3.13"])
def test_it_runs_on_every_python_of_lambda(minor: str) -> None:
    code = Path(in_lambda.__file__).read_text() + (
        "\nclass App:\n    def __call__(self, *given):\n        return given\n"
        "app = stand_in(App(), lambda event, context: 'handled')\n"
        "print(app({}, None), app(1, 2, 3), isinstance(app, App))\n"
    )
    done = subprocess.run([find_interpreter(minor), "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "handled (1, 2, 3) True\n"

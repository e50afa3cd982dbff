"""Events as API Gateway, load balancers and function URLs give them to a function, and little adapters for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

ENDPOINT = "abc123.execute-api.eu-central-1.amazonaws.com"
FUNCTION_URL = "abc123.lambda-url.eu-central-1.on.aws"


def rest_event(path: str, *, method: str = "GET", domain: str = ENDPOINT, body: str | None = None) -> dict[str, Any]:
    """Of a REST API in the stage `dev`, whose path has no stage: payload 1.0 without a version."""
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": {"Host": domain, "X-Forwarded-Proto": "https"},
        "multiValueHeaders": {"Host": [domain], "X-Forwarded-Proto": ["https"]},
        "queryStringParameters": {"q": "2"},
        "multiValueQueryStringParameters": {"q": ["1", "2"]},
        "requestContext": {"stage": "dev", "domainName": domain, "path": f"/dev{path}", "identity": {}},
        "body": body,
        "isBase64Encoded": False,
    }


def http_event(
    path: str, stage: str = "$default", *, method: str = "GET", domain: str = ENDPOINT, body: str = ""
) -> dict[str, Any]:
    """Of an HTTP API, or of a function URL: payload 2.0. The path has the stage, unless that is `$default`."""
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "q=1&q=2",
        "headers": {"host": domain, "x-forwarded-proto": "https"},
        "requestContext": {"stage": stage, "domainName": domain, "http": http},
        "body": body,
        "isBase64Encoded": False,
    }


def url_event(path: str) -> dict[str, Any]:
    """Of a function URL."""
    return http_event(path, domain=FUNCTION_URL)


def balancer_event(path: str) -> dict[str, Any]:
    """Of a target group of a load balancer."""
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-central-1:000000000000:x"}},
        "path": path,
        "httpMethod": "GET",
        "queryStringParameters": {"q": "2"},
        "headers": {"host": "balancer.example", "x-forwarded-proto": "http"},
        "body": "",
        "isBase64Encoded": False,
    }


_APIG_WSGI = """
def make_lambda_handler(app, binary_support=None, prefixes=None):
    def handler(event, context):
        environ = {"wsgi.input": None, "PATH_INFO": event["path"], "SCRIPT_NAME": "", "apig_wsgi.full_event": event}
        said = []
        body = b"".join(app(environ, lambda status, headers: said.append(status)))
        return {"status": said[0], "body": body.decode(), "binary": binary_support, "prefixes": list(prefixes)}
    return handler
"""
_MANGUM = """
import asyncio

class Mangum:
    def __init__(self, app, lifespan="auto", **settings):
        self.app, self.settings = app, {"lifespan": lifespan, **settings}

    def __call__(self, event, context):
        sent = []
        async def send(message):
            sent.append(message)
        scope = {"type": "http", "path": event["path"], "root_path": "", "aws.event": event}
        asyncio.run(self.app(scope, None, send))
        return {"body": sent[-1]["body"].decode(), **self.settings}
"""
_FLASK = """
class Flask:
    def __init__(self, name):
        self.name, self.seen = name, []

    def __call__(self, environ, start_response):
        start_response("200 OK", [])
        return [f"{self.name} {environ['SCRIPT_NAME']}|{environ['PATH_INFO']}".encode()]
"""
_FASTAPI = """
class FastAPI:
    root_path_in_servers = True

    def __init__(self, title="api", root_path=""):
        self.title, self.root_path = title, root_path

    async def __call__(self, scope, receive, send):
        body = f"{self.title} {scope['root_path']}|{scope['path']}".encode()
        await send({"type": "http.response.body", "body": body})
"""


def make_adapters(folder: Path) -> None:
    """Wheels of frameworks and of adapters under their names, which do as little as shows that they are called."""
    for name, source in (("apig-wsgi", _APIG_WSGI), ("mangum", _MANGUM), ("flask", _FLASK), ("fastapi", _FASTAPI)):
        make_wheel(folder, name, files={f"{name.replace('-', '_')}/__init__.py": source})

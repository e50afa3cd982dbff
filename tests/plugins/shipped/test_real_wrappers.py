"""`datadog`, `powertools` and `sentry` with the real libraries, called in an interpreter that has the artifact only."""

from __future__ import annotations

import gzip
import json
import queue
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.bench import write_files
from tests.support.example_services import build
from tests.support.lambda_host import run, unzip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.example_services import Built

pytestmark = pytest.mark.registry

PYTHON = ".".join(map(str, sys.version_info[:2]))
POWERTOOLS = """\
from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics()


def handler(event, context):
    logger.info("tea")
    metrics.add_metric("sold", unit="Count", value=3)
    return event["id"]
"""
DATADOG = """\
from datadog_lambda.metric import lambda_metric


def handler(event, context):
    lambda_metric("tea.sold", 3)
    return "sold"
"""
SENTRY = """\
def handler(event, context):
    raise ValueError(f"{event['what']} is out")
"""
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
RUNTIME = """\
import runpy, sys
sys.path.insert(0, sys.argv[1])
sys.argv = ["awslambdaric", "app.handler"]
runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def service(tmp_path: Path, request: pytest.FixtureRequest) -> Built:
    """A service with one handler: the test's `plugin(use, source, requirements)`."""
    use, source, requirements = request.param
    config = (
        f"runtime: python{PYTHON}\narchitecture: x86_64\nplugins: [{use}]\nfunctions: {{f: {{handler: app.handler}}}}\n"
    )
    files = {"slspack.yml": config, "app.py": source, "requirements.txt": f"{requirements}\n"}
    return build(write_files(tmp_path / "service", files), environment={"SLSPACK_CACHE_DIR": str(tmp_path / "store")})


def plugin(use: str, source: str, requirements: str = "") -> pytest.MarkDecorator:
    return pytest.mark.parametrize("service", [(use, source, requirements)], indirect=True, ids=[""])


@plugin("{use: powertools, options: {logger: {correlationIdPath: id}, metrics: true, tracer: true}}", POWERTOOLS)
def test_powertools(service: Built) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(60)
        variables = {
            "POWERTOOLS_SERVICE_NAME": "orders",
            "POWERTOOLS_METRICS_NAMESPACE": "shop",
            "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{daemon.getsockname()[1]}",
            "_X_AMZN_TRACE_ID": TRACE,
        }
        events = [{"id": "first"}, {"id": "second"}]
        done = run(service.artifact("f"), "app.handler", events, Path(sys.executable), environment=variables)
        segment = json.loads(daemon.recv(65536).decode().partition("\n")[2])
    assert done.results == ("first", "second")
    lines = [one for one in done.logged() if one.get("message") == "tea"]
    assert [(one["cold_start"], one["correlation_id"]) for one in lines] == [(True, "first"), (False, "second")]
    assert all(one["function_request_id"].startswith("00000000-") for one in lines)
    assert [one["sold"] for one in done.logged() if "_aws" in one] == [[3.0], [3.0]]
    assert segment["name"] == "## handler"
    assert segment["annotations"] == {"ColdStart": True, "Service": "orders"}


@plugin("datadog", DATADOG, "datadog-lambda")
def test_datadog(service: Built) -> None:
    variables = {"DD_FLUSH_TO_LOG": "true", "DD_TRACE_ENABLED": "false", "DD_SITE": "datadog.example"}
    variables |= {"DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false", "DD_REMOTE_CONFIGURATION_ENABLED": "false"}
    done = run(service.artifact("f"), "app.handler", [{}, {}], Path(sys.executable), environment=variables)
    assert done.results == ("sold", "sold")
    metrics = [one for one in done.logged() if "m" in one]
    assert [one["v"] for one in metrics if one["m"] == "tea.sold"] == [3, 3]
    invocations = [one for one in metrics if one["m"] == "aws.lambda.enhanced.invocations"]
    assert [[tag for tag in one["t"] if tag.startswith("cold_start:")] for one in invocations] == [
        ["cold_start:true"],
        ["cold_start:false"],
    ]


class World(BaseHTTPRequestHandler):
    """Lambda's Runtime API, which has one event, and Sentry, both on loopback."""

    server: Loopback
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if not self.server.events:
            self.server.ended.wait()
        self._answer(200, json.dumps(self.server.events.pop()).encode() if self.server.events else b"")

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        self.server.posted.put((self.path, content))
        self._answer(202, b"{}")

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "00000000-0000-4000-8000-000000000001")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 60_000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:f")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class Loopback(ThreadingHTTPServer):
    """What is to be handed out, and what came in."""

    def __init__(self, events: list[object]) -> None:
        super().__init__(("127.0.0.1", 0), World)
        self.events = events
        self.posted: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.ended = threading.Event()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


@contextmanager
def loopback(*events: object) -> Iterator[Loopback]:
    server = Loopback(list(events))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


@plugin("sentry", SENTRY, "awslambdaric")
def test_sentry_gets_what_a_handler_raises_under_lambdas_own_runtime_client(service: Built, tmp_path: Path) -> None:
    unzip(service.artifact("f"), tmp_path / "task")
    with loopback({"what": "tea"}) as world:
        variables = {
            "AWS_LAMBDA_RUNTIME_API": world.place,
            "AWS_LAMBDA_FUNCTION_NAME": "f",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f",
            "AWS_LAMBDA_LOG_STREAM_NAME": "1",
            "AWS_REGION": "eu-central-1",
            "LAMBDA_TASK_ROOT": str(tmp_path / "task"),
            "_HANDLER": "app.handler",
            "SENTRY_DSN": f"http://key@{world.place}/1",
        }
        command = [sys.executable, "-I", "-S", "-B", "-c", RUNTIME, str(tmp_path / "task")]
        with subprocess.Popen(
            command, env=variables, cwd=tmp_path / "task", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as runtime:
            try:
                posted = _until_answered(world, runtime)
            finally:
                runtime.kill()
    events = [item for path, content in posted if path.startswith("/api/1/envelope") for item in _events(content)]
    [event] = events
    [raised] = event["exception"]["values"]
    assert (raised["type"], raised["value"]) == ("ValueError", "tea is out")
    assert raised["mechanism"] == {"type": "aws_lambda", "handled": False}
    assert event["extra"]["lambda"]["function_name"] == "f"


def _until_answered(world: Loopback, runtime: subprocess.Popen[bytes]) -> list[tuple[str, bytes]]:
    """All that was posted, to the answer to the event: Sentry is told before Lambda."""
    posted: list[tuple[str, bytes]] = []
    while not any("/runtime/" in path for path, _ in posted):
        try:
            posted.append(world.posted.get(timeout=60))
        except queue.Empty:
            runtime.kill()
            raise AssertionError((runtime.stdout.read() if runtime.stdout else b"").decode()) from None
    assert posted[-1][0].endswith("/error")
    return posted


def _events(envelope: bytes) -> list[Any]:
    """The events in an envelope: lines of JSON, an item's header before the item."""
    _, *lines = [json.loads(line) for line in envelope.splitlines()]
    items = zip(lines[::2], lines[1::2], strict=True)
    return [item for header, item in items if header["type"] == "event"]

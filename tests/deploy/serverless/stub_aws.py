"""As much of AWS as `serverless deploy function` speaks with, and `serverless package` of layers: no stack is there."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PLUGIN = """\
module.exports = class {
  constructor(serverless) {
    const { config } = serverless.getProvider('aws').sdk;
    config.update({ endpoint: process.env.STUB_AWS, s3ForcePathStyle: true });
  }
};
"""
"""A plugin that sends the Framework here."""
_NO_STACK = (
    b"<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id any does not exist</Message></Error>"
    b"</ErrorResponse>"
)


class StubAws:
    """Knows every function, and keeps what is sent of code."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.updates: list[tuple[str, dict[str, Any]]] = []


@contextmanager
def stub_aws() -> Iterator[StubAws]:
    """The stub, listening until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.split("/functions/")[1].partition("/")[0]
            self._answer({"Configuration": self._configuration(name), "Code": {}})

        def do_PUT(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            stub.updates.append((self.path, body))
            self._answer(self._configuration(self.path.split("/functions/")[1].partition("/")[0]))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if b"Action=DescribeStacks" in body:
                self._send(400, "text/xml", _NO_STACK)
            else:
                self._answer({})

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _configuration(self, name: str) -> dict[str, object]:
            role = "arn:aws:iam::123456789012:role/any"
            states = {"State": "Active", "LastUpdateStatus": "Successful"}
            return {"FunctionName": name, "PackageType": "Zip", "CodeSha256": "", "Role": role, **states}

        def _answer(self, document: object) -> None:
            self._send(200, "application/json", json.dumps(document).encode())

        def _send(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub = StubAws(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()

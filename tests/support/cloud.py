"""The little of the world that the examples talk to, on loopback: S3 objects, a DynamoDB table, a web service."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Cloud:
    """What is kept. `objects` are answered to GET and changed by PUT; `tables` are lists of DynamoDB items."""

    url: str
    objects: dict[str, bytes] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What makes the AWS SDK come here."""
        return {"AWS_ENDPOINT_URL": self.url}


@contextmanager
def loopback_cloud() -> Iterator[Cloud]:
    """Serve on a free port of loopback until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    cloud = Cloud(f"http://127.0.0.1:{server.server_address[1]}")
    server.cloud = cloud  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        content = self._cloud.objects.get(unquote(urlsplit(self.path).path))
        self._send(404 if content is None else 200, content or b"")

    def do_HEAD(self) -> None:
        """Whether there is an object: nothing of its content."""
        self._send(200 if unquote(urlsplit(self.path).path) in self._cloud.objects else 404, b"")

    def do_PUT(self) -> None:
        self._cloud.objects[unquote(urlsplit(self.path).path)] = self._body()
        self._send(200, b"")

    def do_POST(self) -> None:
        """DynamoDB's JSON protocol, in which a header names the operation."""
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        asked = json.loads(self._body())
        items = self._cloud.tables.get(asked["TableName"])
        if items is None:
            self._send(400, b'{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}')
        elif operation == "PutItem":
            items.append(asked["Item"])
            self._send(200, b"{}")
        elif operation == "Query":
            found = items if asked.get("ScanIndexForward", True) else items[::-1]
            self._send(200, json.dumps({"Count": len(found), "Items": found[: asked["Limit"]]}).encode())
        else:
            self._send(501, b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the base class)
        """Say nothing."""

    @property
    def _cloud(self) -> Cloud:
        cloud = self.server.cloud  # type: ignore[attr-defined]
        assert isinstance(cloud, Cloud)
        return cloud

    def _body(self) -> bytes:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        if self.headers.get("Transfer-Encoding") == "chunked":
            return self._chunks()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return _unchunk(body) if "aws-chunked" in self.headers.get("Content-Encoding", "") else body

    def _chunks(self) -> bytes:
        content = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return _unchunk(content) if "aws-chunked" in self.headers.get("Content-Encoding", "") else content

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _unchunk(body: bytes) -> bytes:
    """The content of a body that the SDK has cut into chunks with a checksum at the end."""
    content = b""
    while body:
        line, _, rest = body.partition(b"\r\n")
        size = int(line.split(b";")[0], 16)
        if size == 0:
            break
        content, body = content + rest[:size], rest[size + 2 :]
    return content

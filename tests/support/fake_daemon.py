"""A daemon that gives canned answers over a Unix socket, for what a real one does only when it is in trouble."""

from __future__ import annotations

import json
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Answer = tuple[int, object]

_VERSION: Answer = (200, {"ApiVersion": "1.41", "MinAPIVersion": "1.12", "Arch": "amd64", "Version": "20.10"})


@dataclass
class FakeDaemon:
    """Answers by method and the end of the path (without the version); everything that was asked is in `asked`."""

    address: str
    answers: dict[str, Answer]
    asked: list[str] = field(default_factory=list)


@contextmanager
def fake_daemon(folder: Path, answers: Mapping[str, Answer] | None = None) -> Iterator[FakeDaemon]:
    """Serve `{"GET /images/x/json": (404, {...})}`; bytes are streamed as they are, everything else is JSON."""
    place = folder / "docker.sock"
    daemon = FakeDaemon(
        f"unix://{place}",
        {"GET /version": _VERSION, "GET /_ping": (200, b"OK"), "GET /containers/json": (200, []), **(answers or {})},
    )

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._answer()

        def _answer(self) -> None:
            path = self.path.partition("?")[0]
            if path.startswith("/v1."):
                path = "/" + path.split("/", 2)[2]
            asked = f"{self.command} {path}"
            daemon.asked.append(asked)
            status, body = daemon.answers.get(asked, (404, {"message": f"no answer for {asked}"}))
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if isinstance(body, bytes):
                self.send_header("Transfer-Encoding", "chunked")
                content = b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
            else:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def address_string(self) -> str:
            return "unix"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

    with Server(str(place), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield daemon
        finally:
            server.shutdown()
            thread.join()

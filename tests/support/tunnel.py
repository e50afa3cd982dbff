"""Proxies on loopback that tunnel (`CONNECT`, or SOCKS), whatever host is asked for, to one server."""

from __future__ import annotations

import base64
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Tunnel:
    """`address` without a login. `asked` are the hosts, `refused` how often the login was wrong."""

    address: str
    asked: list[str] = field(default_factory=list)
    refused: int = 0


@contextmanager
def tunnel_to(port: int, login: tuple[str, str]) -> Iterator[Tunnel]:
    """Run a proxy that wants a login and leads to that port of loopback."""
    wanted = "Basic " + base64.b64encode(":".join(login).encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            if self.headers.get("Proxy-Authorization") != wanted:
                tunnel.refused += 1
                self.send_response(407)
                self.send_header("Proxy-Authenticate", 'Basic realm="proxy"')
                self.end_headers()
                return
            tunnel.asked.append(self.path)
            with socket.create_connection(("127.0.0.1", port)) as far:
                self.send_response(200)
                self.end_headers()
                _join(self.connection, far)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the base class)
            """Say nothing."""

    tunnel = Tunnel("")
    with _running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as place:
        tunnel.address = f"http://{place}"
        yield tunnel


@contextmanager
def socks_to(port: int, login: tuple[str, str]) -> Iterator[Tunnel]:
    """Run a SOCKS5 proxy (RFC 1928, RFC 1929) that wants a login and leads to that port of loopback."""

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            _, count = self.rfile.read(2)
            self.rfile.read(count)
            self.wfile.write(b"\x05\x02")  # a login is wanted
            if not self.rfile.read(1):
                tunnel.refused += 1
                return
            if (self._text(), self._text()) != login:
                tunnel.refused += 1
                self.wfile.write(b"\x01\x01")
                return
            self.wfile.write(b"\x01\x00")
            assert self.rfile.read(4) == b"\x05\x01\x00\x03", "to connect to a host by its name"
            tunnel.asked.append(f"{self._text()}:{int.from_bytes(self.rfile.read(2))}")
            with socket.create_connection(("127.0.0.1", port)) as far:
                self.wfile.write(b"\x05\x00\x00\x01" + bytes(6))
                _join(self.connection, far)

        def _text(self) -> str:
            (size,) = self.rfile.read(1)
            return self.rfile.read(size).decode()

    tunnel = Tunnel("")
    with _running(ThreadingTCPServer(("127.0.0.1", 0), Handler)) as place:
        tunnel.address = f"socks5h://{place}"
        yield tunnel


@contextmanager
def _running(server: ThreadingHTTPServer | ThreadingTCPServer) -> Iterator[str]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _join(near: socket.socket, far: socket.socket) -> None:
    back = threading.Thread(target=_copy, args=(far, near), daemon=True)
    back.start()
    _copy(near, far)
    back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)

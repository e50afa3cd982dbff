"""What a command prints is read whole, however the daemon's answer is cut into packets."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import closing, suppress

import pytest

from slspack.builds.image.daemon.opening import Daemon
from slspack.builds.image.endpoint import Endpoint

_UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
_ANSWERS: dict[str, object] = {
    "/version": {"ApiVersion": "1.43"},
    "/exec": {"Id": "e"},
    "/json": {"ExitCode": 0, "State": {"Running": True}},
}


def frame(data: bytes, kind: int = 1) -> bytes:
    return bytes([kind, 0, 0, 0]) + len(data).to_bytes(4) + data


class _Daemon:
    """Answers what running a command takes. The answer to its start, and what it prints, come in these packets."""

    def __init__(self, packets: list[bytes]) -> None:
        self._packets = packets
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        # A client that is done may hang up without having read all.
        with suppress(OSError), connection, connection.makefile("rb") as requests:
            while line := requests.readline():
                path = line.split()[1].decode()
                headers = {}
                while (header := requests.readline()) not in (b"\r\n", b""):
                    name, _, value = header.decode().partition(":")
                    headers[name.lower()] = value.strip()
                requests.read(int(headers.get("content-length", "0")))
                if path.endswith("/start"):
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    for packet in self._packets:
                        connection.sendall(packet)
                    return
                body = json.dumps(next(_ANSWERS[end] for end in _ANSWERS if path.endswith(end))).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                connection.sendall(head.encode() + body)

    def close(self) -> None:
        self._listening.close()


@pytest.mark.parametrize(
    ("packets", "printed"),
    [
        ([_UPGRADED + frame(b"/usr/bin/python3.13\n")], b"/usr/bin/python3.13\n"),
        ([_UPGRADED, frame(b"one, ") + frame(b"two, ", 2), frame(b"three")], b"one, two, three"),
        ([_UPGRADED + frame(b"halves")[:5], frame(b"halves")[5:]], b"halves"),
        ([_UPGRADED + frame(b"x" * 100_000)], b"x" * 100_000),
        ([_UPGRADED], b""),
        ([_UPGRADED + frame(b"cut short")[:-3]], b"cut sh"),
    ],
)
def test_all_that_is_printed_is_read(packets: list[bytes], printed: bytes) -> None:
    with closing(_Daemon(packets)) as running:
        daemon = Daemon(Endpoint(running.address, "a test"))
        seen = bytearray()
        assert daemon.run("c", ["true"], {}, "0", seen.extend) == 0
    assert bytes(seen) == printed

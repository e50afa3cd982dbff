"""An index of this process's own, on loopback, for resolvers: it offers what the client would find, and no more.

Resolvers cannot be told that a distribution, whoever needs it, may come from one index only, nor pass over wheels and
look for a source instead. So where such rules hold, a resolver is shown this index alone.
"""

from __future__ import annotations

import json
import secrets
import threading
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import dist_name
from slspack.registry.credentials import Credentials
from slspack.registry.failures import Unreachable
from slspack.registry.folders import local_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.model import Finding
    from slspack.registry.client import PackageIndexClient
    from slspack.registry.configuration import IndexConfiguration
    from slspack.registry.pages import IndexFile
    from slspack.registry.session import RegistrySession

_PASSED_ON = ("Content-Type", "Content-Range", "Accept-Ranges", "ETag", "Last-Modified")


@contextmanager
def relayed(client: PackageIndexClient, session: RegistrySession) -> Iterator[IndexConfiguration]:
    """A configuration whose only index offers what `client` finds; no login is in it.

    Raises at the end what the client raised meanwhile, other than that a distribution is nowhere: a resolver would only
    tell that it found nothing.
    """
    server = _Server(client, session)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield replace(
            session.configuration,
            index_url=f"{server.address}/simple/",
            extra_index_urls=(),
            find_links=(),
            no_index=False,
            bound=(),
            no_binary=(),
            exclude_newer=None,
            proxy=None,
            credentials=Credentials(),
            relayed=True,
        )
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        if server.findings:
            raise server.failure(dict.fromkeys(server.findings))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, client: PackageIndexClient, session: RegistrySession) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        # Files may be private: only who is told the address can ask for them.
        self.root = f"/{secrets.token_urlsafe(16)}"
        self.address = f"http://127.0.0.1:{self.server_address[1]}{self.root}"
        self.client, self.session = client, session
        self.findings: list[Finding] = []
        self.failure: type[SlspackError] = SlspackError
        self._places: dict[str, IndexFile] = {}
        self._known: dict[IndexFile, str] = {}
        self._lock = threading.Lock()

    def page(self, name: str) -> bytes | None:
        """The page of a distribution; None where there is none."""
        try:
            files = self.client.files(dist_name(name))
        except SlspackError as error:
            if any(finding.code is not Code.NOT_IN_INDEX for finding in error.findings):
                self.findings += error.findings
                self.failure = type(error)
            return None
        described = [self._described(file) for file in files]
        return json.dumps({"meta": {"api-version": "1.0"}, "name": name, "files": described}).encode()

    def file(self, place: str) -> IndexFile | None:
        with self._lock:
            return self._places.get(place)

    def _described(self, file: IndexFile) -> dict[str, object]:
        with self._lock:
            place = self._known.setdefault(file, str(len(self._known)))
            self._places[place] = file
        described: dict[str, object] = {
            "filename": file.filename,
            "url": f"{self.address}/files/{place}/{quote(file.filename)}",
            "hashes": {"sha256": file.sha256} if file.sha256 else {},
            "yanked": file.yanked if file.yanked else file.yanked is not None,
        }
        if file.requires_python is not None:
            described["requires-python"] = file.requires_python
        if file.size is not None:
            described["size"] = file.size
        if file.metadata_sha256 is not None:
            described["core-metadata"] = {"sha256": file.metadata_sha256}
        return described


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the base class)
        """Say nothing on standard error."""

    def _answer(self) -> None:
        path = urlsplit(self.path).path.removeprefix(self.server.root)
        kind, _, rest = path.strip("/").partition("/")
        place, _, name = rest.partition("/")
        if path != urlsplit(self.path).path and kind == "simple" and place and not name:
            page = self.server.page(unquote(place))
            if page is not None:
                self._send(HTTPStatus.OK, page, {"Content-Type": "application/vnd.pypi.simple.v1+json"})
                return
        file = self.server.file(place) if kind == "files" else None
        if file is None:
            self._send(HTTPStatus.NOT_FOUND, b"", {})
            return
        self._pass_on(file, ".metadata" if name.endswith(".metadata") else "")

    def _pass_on(self, file: IndexFile, suffix: str) -> None:
        local = local_path(file.url)
        if local is not None:
            self._send(HTTPStatus.OK, local.read_bytes(), {})
            return
        asked = {"Range": self.headers["Range"]} if "Range" in self.headers else {}
        try:
            headers = {**asked, "Accept-Encoding": "identity"}
            with self.server.session.stream(file.url + suffix, headers) as answer:
                kept = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
                self._send(answer.status, answer.body(), kept)
        except Unreachable:
            self._send(HTTPStatus.BAD_GATEWAY, b"", {})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

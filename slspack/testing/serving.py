"""The server of a package index: the simple API (PEPs 503, 658 and 691) over a folder of wheels and sdists."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import ssl
import sys
import zipfile
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    import threading
    from pathlib import Path

_JSON = "application/vnd.pypi.simple.v1+json"
_HTML = "application/vnd.pypi.simple.v1+html"


@dataclass(slots=True)
class IndexSettings:
    """How the index behaves; a test may change any of it while the index runs."""

    ranges: bool = True
    json: bool = True
    metadata_files: bool = True
    credentials: tuple[str, str] | None = None
    failing: set[str] = field(default_factory=set)
    """File names and project names that are answered with status 500."""
    yanked: dict[str, str] = field(default_factory=dict)
    requires_python: dict[str, str] = field(default_factory=dict)
    wrong_hashes: dict[str, str] = field(default_factory=dict)
    """File names whose stated sha256 is another one; an empty one states none."""
    refusing: dict[str, int] = field(default_factory=dict)
    """File names and project names, and the status that they are always answered with."""
    failing_times: dict[str, int] = field(default_factory=dict)
    """File names and project names, and how many more times they are answered with status 500."""
    truncated_times: dict[str, int] = field(default_factory=dict)
    """File names, and how many more answers break off halfway."""
    redirects: dict[str, str] = field(default_factory=dict)
    """File names, and where to they are redirected."""
    shown_to_ranges: dict[str, bytes] = field(default_factory=dict)
    """File names, and the content that range requests see in place of the file's."""
    unsatisfiable: set[str] = field(default_factory=set)
    """File names of which every range is answered with status 416."""
    held: dict[str, threading.Event] = field(default_factory=dict)
    """File names whose answers stop halfway until the event is set."""
    uploaded: dict[str, str] = field(default_factory=dict)
    """File names, and when they came to the index."""
    validators: bool = True
    """Whether answers have an ETag, without which no download can be resumed."""
    cache_control: str = ""
    """What pages say of how long they may be kept; where they say it, they have an ETag, too."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request that the index saw."""

    method: str
    path: str
    range: str | None
    status: int
    sent: int
    authorization: str | None = None
    agent: str | None = None
    """Who says to be asking."""
    connection: int = 0
    """The client's port."""


class Served(Protocol):
    """What a server shows, and where it keeps account of who asked."""

    folder: Path
    settings: IndexSettings
    requests: list[Request]


class IndexServer(ThreadingHTTPServer):
    """Listens on a free port of loopback. Says nothing of clients that hang up, having read enough of an answer."""

    daemon_threads = True
    served: Served

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """By HTTPS, where there is a context for it."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self._scheme = "http"
        if tls is not None:
            # Each connection's own thread shakes hands, so that nobody waits for a client that does not.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
            self._scheme = "https"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self._scheme}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the base class)
        """Say nothing: a test reads `PackageIndex.requests`."""

    @property
    def index(self) -> Served:
        return cast("IndexServer", self.server).served

    def _answer(self) -> None:
        # A proxy is asked for whole addresses: so the index can stand for any host.
        path = urlsplit(self.path).path
        name = unquote(path.strip("/").rpartition("/")[2])
        if not self._authorised():
            self._send(HTTPStatus.UNAUTHORIZED, b"", "text/plain", {"WWW-Authenticate": 'Basic realm="index"'})
        elif name in self.index.settings.failing or _spend(self.index.settings.failing_times, name):
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, b"broken", "text/plain")
        elif name in self.index.settings.refusing:
            self._send(HTTPStatus(self.index.settings.refusing[name]), b"no", "text/plain")
        elif name in self.index.settings.redirects:
            self._send(HTTPStatus.FOUND, b"", "text/plain", {"Location": self.index.settings.redirects[name]})
        elif path.startswith("/files/"):
            self._send_file(name)
        elif path.startswith("/simple/"):
            self._send_page(name)
        else:
            self._send(HTTPStatus.NOT_FOUND, b"", "text/plain")

    def _authorised(self) -> bool:
        wanted = self.index.settings.credentials
        if wanted is None:
            return True
        token = base64.b64encode(":".join(wanted).encode()).decode()
        return self.headers.get("Authorization") == f"Basic {token}"

    def _send_file(self, name: str) -> None:
        settings = self.index.settings
        if settings.metadata_files and name.endswith(".metadata"):
            wheel = self.index.folder / name.removesuffix(".metadata")
            if wheel.is_file():
                self._send(HTTPStatus.OK, _metadata_of(wheel), "text/plain")
                return
        path = self.index.folder / name
        if not path.is_file():
            self._send(HTTPStatus.NOT_FOUND, b"", "text/plain")
            return
        content = path.read_bytes()
        asked = self.headers.get("Range")
        tag = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"'} if settings.validators else {}
        if asked and name in settings.unsatisfiable:
            self._send(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, b"", "text/plain")
            return
        if asked and settings.ranges and self.headers.get("If-Range") in (None, tag.get("ETag")):
            content = settings.shown_to_ranges.get(name, content)
            start, end = _range(asked, len(content))
            part = content[start : end + 1]
            headers = {"Content-Range": f"bytes {start}-{end}/{len(content)}", **tag}
            self._send(HTTPStatus.PARTIAL_CONTENT, part, "application/octet-stream", headers)
            return
        headers = {"Accept-Ranges": "bytes", **tag} if settings.ranges else tag
        self._send(HTTPStatus.OK, content, "application/octet-stream", headers)

    def _send_page(self, name: str) -> None:
        files = sorted(
            path
            for path in self.index.folder.iterdir()
            if path.suffix in (".whl", ".gz", ".zip") and _normalised(path.name.split("-")[0]) == name
        )
        if not files:
            self._send(HTTPStatus.NOT_FOUND, b"", "text/plain")
        elif self.index.settings.json and _JSON in self.headers.get("Accept", ""):
            page = {
                "meta": {"api-version": "1.1"},
                "name": name,
                "versions": sorted({path.name.split("-")[1].removesuffix(".tar.gz") for path in files}),
                "files": [self._json_file(path) for path in files],
            }
            self._send_kept(json.dumps(page).encode(), _JSON)
        else:
            links = "\n".join(self._html_link(path) for path in files)
            page_text = f"<!DOCTYPE html><html><body>\n{links}\n</body></html>"
            self._send_kept(page_text.encode(), "text/html")

    def _send_kept(self, page: bytes, kind: str) -> None:
        stated = self.index.settings.cache_control
        if not stated:
            self._send(HTTPStatus.OK, page, kind)
            return
        tag = f'"{hashlib.sha256(page).hexdigest()}"'
        same = self.headers.get("If-None-Match") == tag
        headers = {"Cache-Control": stated, "ETag": tag}
        self._send(HTTPStatus.NOT_MODIFIED if same else HTTPStatus.OK, b"" if same else page, kind, headers)

    def _json_file(self, path: Path) -> dict[str, object]:
        settings = self.index.settings
        described: dict[str, object] = {
            "filename": path.name,
            "url": f"../../files/{quote(path.name)}",
            "hashes": {"sha256": self._stated_hash(path)} if self._stated_hash(path) else {},
            "size": path.stat().st_size,
            "upload-time": settings.uploaded.get(path.name, "2024-05-17T12:30:00Z"),
            "yanked": settings.yanked.get(path.name, False),
        }
        if path.name in settings.requires_python:
            described["requires-python"] = settings.requires_python[path.name]
        if settings.metadata_files and path.suffix == ".whl":
            described["core-metadata"] = {"sha256": hashlib.sha256(_metadata_of(path)).hexdigest()}
        return described

    def _html_link(self, path: Path) -> str:
        settings = self.index.settings
        attributes = ""
        if path.name in settings.requires_python:
            attributes += f' data-requires-python="{html.escape(settings.requires_python[path.name])}"'
        if path.name in settings.yanked:
            attributes += f' data-yanked="{html.escape(settings.yanked[path.name])}"'
        href = f"../../files/{quote(path.name)}#sha256={self._stated_hash(path)}"
        return f'<a href="{href}"{attributes}>{html.escape(path.name)}</a><br/>'

    def _stated_hash(self, path: Path) -> str:
        stated = self.index.settings.wrong_hashes.get(path.name)
        return stated if stated is not None else hashlib.sha256(path.read_bytes()).hexdigest()

    def _send(self, status: HTTPStatus, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        seen = self.headers
        who = seen.get("Authorization"), seen.get("User-Agent"), self.client_address[1]
        self.index.requests.append(Request(self.command, self.path, seen.get("Range"), status.value, len(body), *who))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        name = unquote(self.path.rpartition("/")[2])
        if status // 100 == 2 and _spend(self.index.settings.truncated_times, name):
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
        held = self.index.settings.held.get(name)
        if held is not None:
            self.wfile.write(body[: len(body) // 2])
            held.wait()
            body = body[len(body) // 2 :]
        self.wfile.write(body)


def _spend(times: dict[str, int], name: str) -> bool:
    left = times.get(name, 0)
    times[name] = left - 1
    return left > 0


def _range(asked: str, size: int) -> tuple[int, int]:
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", asked)
    if match is None:
        raise ValueError(f"not a range: {asked}")
    if not match[1]:
        return max(0, size - int(match[2])), size - 1
    return int(match[1]), min(int(match[2]), size - 1) if match[2] else size - 1


def _metadata_of(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        member = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return archive.read(member)


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

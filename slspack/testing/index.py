"""A package index on loopback, so that a build in a test asks nobody else."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from slspack.testing.serving import IndexServer, IndexSettings, Request
from slspack.testing.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from ssl import SSLContext

    from slspack.testing.wheels import Content

__all__ = ["IndexSettings", "PackageIndex", "Request", "package_index"]


class PackageIndex:
    """A running index. What is added, and what is put into `folder` otherwise, is served at once."""

    def __init__(self, folder: Path, url: str, settings: IndexSettings) -> None:
        self.folder = folder
        self.settings = settings
        self.requests: list[Request] = []
        self._root = url

    def add(
        self,
        name: str,
        version: str = "1.0",
        files: Mapping[str, Content] | None = None,
        *,
        requires: Iterable[str] = (),
    ) -> Path:
        """Offer a wheel of pure Python, and return its file; `make_wheel` in `folder` makes others."""
        return make_wheel(self.folder, name, version, files, requires=requires)

    @property
    def root(self) -> str:
        """The server's address: what a proxy's address looks like."""
        return self._root

    @property
    def url(self) -> str:
        """What goes into `--index-url`."""
        return f"{self._root}/simple/"

    def file_url(self, filename: str) -> str:
        """Where a file is served."""
        return f"{self._root}/files/{quote(filename)}"

    def url_with(self, user: str, password: str) -> str:
        """The index's address with credentials in it."""
        return self.url.replace("://", f"://{user}:{password}@")

    def fetched(self, filename: str) -> list[Request]:
        """The requests for one file."""
        return [request for request in self.requests if unquote(request.path) == f"/files/{filename}"]

    def downloaded(self) -> set[str]:
        """The names of the files that were fetched whole."""
        whole = (r for r in self.requests if r.path.startswith("/files/") and r.method == "GET" and r.range is None)
        return {unquote(r.path.rpartition("/")[2]) for r in whole if r.status == 200 and ".metadata" not in r.path}


@contextmanager
def package_index(
    folder: Path, settings: IndexSettings | None = None, tls: SSLContext | None = None
) -> Iterator[PackageIndex]:
    """Serve `folder` on a free port of loopback until the block ends; by HTTPS where there is a context for it."""
    folder.mkdir(parents=True, exist_ok=True)
    server = IndexServer(tls)
    index = PackageIndex(folder, server.url, settings or IndexSettings())
    server.served = index
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

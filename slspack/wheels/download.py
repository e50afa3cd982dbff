"""A whole wheel, brought to this machine and checked against the lock on its way."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Digest
from slspack.registry import local_path
from slspack.registry.failures import Interrupted, Unreachable
from slspack.wheels.remote import failed, refusal

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from slspack.model import LockedDistribution
    from slspack.registry import Incoming, RegistrySession

_CHUNK = 1 << 16
"""Bytes between two looks at the hash, the listener and Ctrl-C: a second on a slow line."""
_FIRST_PAUSE = 0.25


class Watcher(Protocol):
    """Who follows a download, and may stop it."""

    def advance(self, count: int) -> None:
        """So many more bytes are here; a negative number where a download starts anew. May raise to stop it."""

    def pause(self, seconds: float) -> None:
        """Wait before another try. May raise to stop the download."""


def fetch_wheel(session: RegistrySession, distribution: LockedDistribution, into: Path, watcher: Watcher) -> None:
    """Bring a wheel to `into`. Raises SLS0502 if its hash is not the lock's, SLS0503 if it does not come whole."""
    actual = transfer(session, distribution, into, watcher)
    if actual != distribution.wheel.sha256:
        raise SlspackError.of(
            Code.HASH_MISMATCH,
            f"`{distribution.wheel.filename}` of `{distribution.name}` {distribution.version} is not the locked file\n"
            f"  expected sha256 {distribution.wheel.sha256}\n"
            f"  actual   sha256 {actual}",
            hint="do not use this file unless you know why it changed; if you do, run `slspack lock`",
        )


def transfer(session: RegistrySession, distribution: LockedDistribution, into: Path, watcher: Watcher) -> Digest:
    """Copy or download a wheel to `into`, whatever its hash, and return that."""
    place = local_path(distribution.wheel.url)
    with into.open("wb") as out:
        moving = _Transfer(out, distribution, watcher)
        if place is not None:
            moving.copy(place)
        else:
            moving.download(session)
    return Digest(moving.hasher.hexdigest())


class _Transfer:
    def __init__(self, out: BinaryIO, distribution: LockedDistribution, watcher: Watcher) -> None:
        self._out = out
        self._distribution = distribution
        self._watcher = watcher
        self._done = 0
        self._version: str | None = None
        self.hasher = hashlib.sha256()

    def copy(self, source: Path) -> None:
        try:
            stream = source.open("rb")
        except OSError as error:
            raise SlspackError.of(
                Code.NOT_IN_INDEX,
                f"`{self._distribution.wheel.filename}` cannot be read at `{source}`: {error.strerror}",
                hint="put the file back, or run `slspack lock`",
            ) from error
        with stream:
            while chunk := stream.read(_CHUNK):
                self._take(chunk)

    def download(self, session: RegistrySession) -> None:
        """Ask until the body is whole; where it breaks off, go on from there if the server can."""
        retries = session.configuration.retries
        for attempt in range(retries + 1):
            try:
                if self._download_once(session):
                    return
                reason = "the server refuses to go on where it broke off"
            except Interrupted as error:
                reason = str(error)
            except Unreachable as error:
                raise failed(self._distribution, str(error)) from None
            if attempt < retries:
                self._watcher.pause(_FIRST_PAUSE * (2**attempt - 1))
        raise failed(self._distribution, reason)

    def _download_once(self, session: RegistrySession) -> bool:
        headers = {"Accept-Encoding": "identity"}
        if self._done and self._version:
            headers |= {"Range": f"bytes={self._done}-", "If-Range": self._version}
        with session.stream(self._distribution.wheel.url, headers) as response:
            if not self._resumes(response):
                self._restart()
            refused = refusal(response, self._distribution)
            if refused is not None:
                raise refused
            if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return False
            if response.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
                raise failed(self._distribution, f"the server answered with status {response.status}")
            self._version = _strong_validator(response)
            self._take_all(response)
        return True

    def _take_all(self, response: Incoming) -> None:
        size = self._distribution.wheel.size
        for chunk in response.chunks(_CHUNK):
            self._take(chunk)
            if size is not None and self._done > size:
                raise failed(self._distribution, f"it is larger than the {size} bytes that the index states")
        if size is not None and self._done < size:
            raise Interrupted("the connection broke off")

    def _resumes(self, response: Incoming) -> bool:
        answered = response.headers.get("Content-Range", "")
        return response.status == HTTPStatus.PARTIAL_CONTENT and answered.startswith(f"bytes {self._done}-")

    def _restart(self) -> None:
        if self._done:
            self._watcher.advance(-self._done)
        self._out.seek(0)
        self._out.truncate()
        self._done = 0
        self._version = None
        self.hasher = hashlib.sha256()

    def _take(self, chunk: bytes) -> None:
        self._out.write(chunk)
        self.hasher.update(chunk)
        self._done += len(chunk)
        self._watcher.advance(len(chunk))


def _strong_validator(response: Incoming) -> str | None:
    """What names this very content (RFC 9110, 8.8.1), so that a download may go on in another answer."""
    tag = response.headers.get("ETag")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")

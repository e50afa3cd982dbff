"""A wheel on a server, read here and there by HTTP range requests (RFC 9110, section 14)."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.registry.failures import Interrupted, Unreachable
from slspack.wheels.archive import TAIL_BYTES

if TYPE_CHECKING:
    from slspack.model import LockedDistribution
    from slspack.registry import Incoming, RegistrySession

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class NoRanges(Exception):  # noqa: N818 (it says what is so)
    """The server does not answer range requests as it should, so the wheel has to be downloaded whole."""


class RemoteBytes:
    """The bytes of a wheel on a server. The last 64 KiB, where a zip's directory is, are fetched at once.

    Raises NoRanges where ranges cannot be had, or what `refusal` makes of the server's status.
    """

    def __init__(self, session: RegistrySession, distribution: LockedDistribution) -> None:
        self._session = session
        self._distribution = distribution
        size = distribution.wheel.size
        # Some servers know no suffix ranges, some refuse one that is longer than the file: where the size is known, ask
        # for the bytes by their numbers.
        asked = f"{max(0, size - TAIL_BYTES)}-{size - 1}" if size else f"-{TAIL_BYTES}"
        self.size = 0
        start, self._tail, self.size = self._fetch(asked, TAIL_BYTES)
        self._tail_start = start
        if start + len(self._tail) != self.size or (size is not None and self.size != size):
            raise NoRanges

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, as many as possible from what is here already."""
        end = min(end, self.size)
        if start >= end:
            return b""
        if start >= self._tail_start:
            return self._tail[start - self._tail_start : end - self._tail_start]
        missing = min(end, self._tail_start)
        _, block, _ = self._fetch(f"{start}-{missing - 1}", missing - start)
        if len(block) != missing - start:
            raise NoRanges
        return block + self._tail[: end - missing]

    def _fetch(self, asked: str, most: int) -> tuple[int, bytes, int]:
        retries = self._session.configuration.retries
        for attempt in range(retries + 1):
            try:
                return self._fetch_once(asked, most)
            except Interrupted as error:
                if attempt == retries:
                    raise failed(self._distribution, str(error)) from None
            except Unreachable as error:
                raise failed(self._distribution, str(error)) from None
        raise AssertionError("the loop returns or raises")

    def _fetch_once(self, asked: str, most: int) -> tuple[int, bytes, int]:
        headers = {"Range": f"bytes={asked}", "Accept-Encoding": "identity"}
        with self._session.stream(self._distribution.wheel.url, headers) as response:
            refused = refusal(response, self._distribution)
            if refused is not None:
                raise refused
            match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
            if response.status != HTTPStatus.PARTIAL_CONTENT or match is None:
                raise NoRanges
            start, last, total = (int(number) for number in match.groups())
            length = last - start + 1
            if length > most or (self.size and total != self.size):
                raise NoRanges
            block = bytearray()
            for chunk in response.chunks(1 << 16):
                block += chunk
                if len(block) > length:
                    raise NoRanges
            if len(block) != length:
                raise Interrupted("the connection broke off")
            return start, bytes(block), total


def refusal(response: Incoming, distribution: LockedDistribution) -> SlspackError | None:
    """The error for a status that no other way of asking would change."""
    status, filename = response.status, distribution.wheel.filename
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return SlspackError.of(
            Code.INDEX_FORBIDDEN,
            f"the download of `{filename}` was refused (status {status}) at `{distribution.wheel.url}`",
            hint="give the credentials as for pip: in netrc, in the keyring, or in the address in PIP_INDEX_URL",
        )
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return SlspackError.of(
            Code.NOT_IN_INDEX,
            f"`{filename}` is not there any more (status {status}) at `{distribution.wheel.url}`",
            hint="the lock names a file that its index no longer has: run `slspack lock`",
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return failed(distribution, f"the server answered with status {status}")
    return None


def failed(distribution: LockedDistribution, why: str) -> SlspackError:
    """The error for a download that the network or the server spoilt."""
    return MachineError.of(
        Code.DOWNLOAD_FAILED,
        f"`{distribution.wheel.filename}` cannot be downloaded: {why}",
        hint=f"check the network and the proxy; the address is `{distribution.wheel.url}`",
    )

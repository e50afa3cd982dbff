"""What a daemon replies: streams that tell of failures in their midst, connections that it has taken over, refusals."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import docker


_FRAME_HEADER = 8


class Closable(Protocol):
    """An open connection."""

    def close(self) -> object: ...


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class NotThereError(Exception):
    """The daemon has no such image, container or file, and no registry either. It carries the daemon's words."""


class Hijacked:
    """A connection that the daemon has turned into a stream, with the answer that holds its socket open."""

    def __init__(self, stream: Closable) -> None:
        self.stream = stream

    def chunks(self) -> Iterator[bytes]:
        """What a command prints, until its end: frames, each after eight bytes, whose last four say how long it is.

        Read from where the answer's headers were, not from the socket as the SDK does it: what came with the headers is
        in that buffer already, and a short command has said all by then.
        <https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerAttach>
        """
        for one in (self.stream, getattr(self.stream, "_sock", None)):
            if one is not None and hasattr(one, "settimeout"):
                one.settimeout(None)  # a compiler may say nothing for long
        buffered = self._buffered()
        while len(header := buffered.read(_FRAME_HEADER)) == _FRAME_HEADER:
            chunk = buffered.read(int.from_bytes(header[4:]))
            if not chunk:
                return
            yield chunk

    def _buffered(self) -> _Readable:
        answer = self.stream._response  # type: ignore[attr-defined]
        return cast("_Readable", answer.raw._fp.fp)

    def close(self) -> None:
        """First the answer, which owns the connection: what reads from it cannot be flushed once it is closed."""
        answer = getattr(self.stream, "_response", self.stream)
        for one in (answer, self.stream):
            with suppress(OSError, ValueError):
                one.close()


def without_errors(lines: Iterable[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    """What a daemon tells while it works. Raises NotThereError with its words where it fails, after the last line:

    a stream that is not read to its end stays open.
    """
    failure: str | None = None
    for line in lines:
        if "error" in line:
            failure = str(line["error"]).strip()
        else:
            yield line
    if failure is not None:
        raise NotThereError(failure)


def release(problem: docker.errors.APIError) -> None:
    """Close the connection of an answer that was to be a stream and is an error."""
    if problem.response is not None:
        problem.response.close()


def api_error() -> type[docker.errors.APIError]:
    """What the SDK raises where a daemon refuses. The SDK is loaded here at the earliest."""
    import docker.errors

    return docker.errors.APIError


def not_found() -> type[docker.errors.NotFound]:
    """What it raises where a daemon has no such thing."""
    import docker.errors

    return docker.errors.NotFound

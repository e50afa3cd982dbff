"""What a daemon replies: streams that tell of failures in their midst, connections that it has taken over, refusals."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import docker


class Closable(Protocol):
    """An open connection."""

    def close(self) -> object: ...


class NotThereError(Exception):
    """The daemon has no such image, container or file, and no registry either. It carries the daemon's words."""


class Hijacked:
    """A connection that the daemon has turned into a stream, with the answer that holds its socket open."""

    def __init__(self, stream: Closable) -> None:
        self.stream = stream

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

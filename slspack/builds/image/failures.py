"""What went wrong with a daemon, in words that say what to do next."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import MachineError, SlspackError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slspack.builds.image.endpoint import Endpoint

_NO_SPACE = ("no space left on device", "not enough space", "disk quota exceeded")
_TOO_OLD = ("is too old", "no longer supported", "minimum supported api", "client version")
_UNREACHABLE = (
    ConnectionRefusedError,
    ConnectionResetError,
    ConnectionAbortedError,
    BrokenPipeError,
    FileNotFoundError,
    TimeoutError,
)
_START = "start Docker (`systemctl start docker`, or Docker Desktop), or build without it: `builder: cross`"


def no_daemon(detail: str, hint: str = _START) -> SlspackError:
    """No daemon is there, or it does not answer."""
    return MachineError.of(Code.NO_DAEMON, f"no Docker daemon answers: {detail}", hint=hint)


def disk_full(detail: str) -> SlspackError:
    """The daemon's disk is full, so that it can neither pull nor build nor take a container's files."""
    hint = "`docker system df` shows what takes the space, `docker system prune` frees it"
    return MachineError.of(Code.DAEMON_DISK_FULL, f"the Docker daemon's disk is full: {detail}", hint=hint)


def speaks_of_space(text: str) -> bool:
    """Whether a daemon's or a build's own words say that a disk is full."""
    lowered = text.lower()
    return any(words in lowered for words in _NO_SPACE)


@contextmanager
def explained(endpoint: Endpoint, said: Callable[[], str]) -> Iterator[None]:
    """Turn what the SDK and its HTTP library raise into MachineError. Nothing else is touched.

    `said` gives the last words of the program that connects to the daemon, where there is one.
    """
    import docker.errors
    import requests.exceptions
    import urllib3.exceptions

    kinds = (
        docker.errors.DockerException,
        requests.exceptions.RequestException,
        urllib3.exceptions.HTTPError,
        OSError,
    )
    try:
        yield
    except kinds as problem:
        raise _told(endpoint, problem, said()) from problem


def _told(endpoint: Endpoint, problem: BaseException, said: str) -> SlspackError:
    """Which of the few things that happen to daemons this is. The causes count: the SDK wraps them in text."""
    chain = list(_causes(problem))
    text = " ".join(str(one) for one in chain)
    where = f"`{endpoint.address}` (from {endpoint.found_by})"
    if speaks_of_space(text):
        return disk_full(_first_line(problem))
    if any(isinstance(one, PermissionError) for one in chain) or "permission denied" in text.lower():
        hint = "join the group `docker` (`sudo usermod -aG docker $USER`, then log in anew) or use a rootless daemon"
        return MachineError.of(Code.DAEMON_UNUSABLE, f"this user may not use the Docker daemon at {where}", hint=hint)
    if any(words in text.lower() for words in _TOO_OLD):
        message = f"the Docker daemon at {where} is too old for the SDK: {_first_line(problem)}"
        return MachineError.of(Code.DAEMON_UNUSABLE, message, hint="update Docker to 20.10 or newer")
    if any(isinstance(one, _UNREACHABLE) for one in chain) or _is_connection(problem):
        detail = f"{where}: {said or _first_line(chain[-1])}"
        return no_daemon(detail, _try_ssh(endpoint)) if endpoint.by_ssh else no_daemon(detail)
    message = f"the Docker daemon at {where} failed: {_first_line(problem)}"
    return MachineError.of(Code.DAEMON_UNUSABLE, message, hint="`docker info` and the daemon's log say more")


def _try_ssh(endpoint: Endpoint) -> str:
    place = endpoint.address.removeprefix("ssh://").partition("/")[0]
    return f"try `ssh ssh://{place} docker version`: slspack connects in the same way, and is never asked for anything"


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """The exception, what it was raised from, and what its arguments hold, each once."""
    waiting, seen = [problem], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [inner for inner in (one.__cause__, one.__context__) if inner is not None]
        waiting += [inner for inner in one.args if isinstance(inner, BaseException)]
        reason = getattr(one, "reason", None)
        waiting += [reason] if isinstance(reason, BaseException) else []


def _is_connection(problem: BaseException) -> bool:
    import requests.exceptions
    import urllib3.exceptions

    if isinstance(problem, OSError) and problem.errno == errno.ENOENT:
        return True
    kinds = (
        requests.exceptions.ConnectionError,
        requests.exceptions.Timeout,
        requests.exceptions.ChunkedEncodingError,
        urllib3.exceptions.ProtocolError,
    )
    return any(isinstance(one, kinds) for one in _causes(problem))


def _first_line(problem: BaseException) -> str:
    explanation = getattr(problem, "explanation", None)
    text = str(explanation or problem) or type(problem).__name__
    return text.strip().splitlines()[0]

"""Why no whole answer came, in words that quote no address: it may hold a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Unreachable(Exception):  # noqa: N818 (it says what is so)
    """No whole answer came. The text is a plain reason, without an address, for the caller's message."""


class Interrupted(Unreachable):
    """An answer began but did not end as announced."""


def reason_of(error: BaseException, timeout: float) -> str:
    """What went wrong with a request that may last so many seconds, as the library and the system tell it."""
    import ssl

    from urllib3 import exceptions

    causes = list(_causes(error))
    kinds: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
        (exceptions.NameResolutionError, "its host name cannot be resolved"),
        (exceptions.ProxyError, "the proxy cannot be reached"),
        ((exceptions.SSLError, ssl.SSLError), "its certificate cannot be verified"),
        (ConnectionRefusedError, "the connection was refused"),
        (exceptions.LocationValueError, "its address is not valid"),
        (exceptions.ProtocolError, "the connection broke off"),
    )
    for kind, text in kinds:
        if any(isinstance(cause, kind) for cause in causes):
            return text
    if any(type(cause).__module__ == "socks" for cause in causes):  # PySocks, which need not be there
        return "the proxy does not connect"
    # The library's error for whatever connecting came to is one for a connection that took too long, too.
    others = (cause for cause in causes if not isinstance(cause, exceptions.NewConnectionError))
    if any(isinstance(cause, exceptions.TimeoutError) for cause in others):
        return f"there was no answer within {timeout:g} s"
    stated = (cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror)
    return next(stated, "the connection failed")


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]

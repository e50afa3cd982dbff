"""The daemon as a whole, and whether there is one."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from slspack.builds.image.daemon.connection import sdk_installed, socket_answers
from slspack.builds.image.daemon.containers import ContainerCalls
from slspack.builds.image.daemon.images import ImageCalls
from slspack.builds.image.failures import no_daemon
from slspack.codes import Code
from slspack.errors import MachineError

if TYPE_CHECKING:
    from slspack.builds.image.endpoint import Endpoint


class Daemon(ImageCalls, ContainerCalls):
    """A daemon that answers."""


def open_daemon(endpoint: Endpoint | None) -> Daemon:
    """The daemon, after it has answered.

    Raises MachineError where there is none, where it refuses, or where the SDK is not installed.
    """
    if endpoint is None:
        raise no_daemon("neither DOCKER_HOST nor a context is set, and no socket is where Docker or podman has one")
    if not sdk_installed():
        message = "building in an image needs the Docker SDK (`docker`), which a plain installation leaves out"
        hint = "install it beside slspack: `pip install 'slspack[docker]'`, or build without Docker: `builder: cross`"
        raise MachineError.of(Code.EXTRA_MISSING, message, hint=hint)
    daemon = Daemon(endpoint)
    daemon.ping()
    return daemon


def answers(endpoint: Endpoint) -> bool:
    """Whether a daemon listens there. On this machine it takes a millisecond, and the SDK is not loaded for it."""
    place = endpoint.socket
    if place is not None and hasattr(socket, "AF_UNIX"):
        return socket_answers(str(place))
    try:
        open_daemon(endpoint)
    except MachineError:
        return False
    return True

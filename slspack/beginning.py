"""How every walk begins: the configuration is read, and the plugins that it names are loaded."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.looks import Looks
from slspack.plugins import OwnFiles, open_host, static_host, take_census
from slspack.tree import ServiceTree

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.memory import Recall
    from slspack.model import Service
    from slspack.options import LoadOptions
    from slspack.plugins import Census, Host


@dataclass(frozen=True, slots=True)
class Begun:
    """The service and the plugins that a walk begins with."""

    service: Service
    host: Host
    census: Census
    """The plugins that are installed, loaded or not."""
    plugin_looks: Looks
    """What was looked at for the plugins, and what they look at."""
    looks: Looks = field(default_factory=Looks)
    """What the configuration was read from; nothing, if the service was recalled."""
    amended_by: ServiceTree | None = None
    """The service's own files, as plugins saw them that amend it."""


def begin(root: Path, load: LoadOptions, census: Census | None = None) -> Begun:
    """Read the configuration, and open the host of the plugins that it names. Raises ConfigError.

    Installed plugins and those of the command line are there before the configuration is read, others after it.
    `census` is what plugins are known to be installed.
    """
    looks, plugin_looks = Looks(), Looks()
    census = census or take_census()
    early = _early_host(root, load, plugin_looks, census)
    service = _load(root, load, looks, early or static_host())
    host = early if early and not service.plugins else open_host(root, load, service.plugins, plugin_looks, census)
    if not host.has("slspack_amend_service"):
        return Begun(service, host, census, plugin_looks, looks)
    tree = ServiceTree(service.root)
    amended = host.amend_service(service, OwnFiles(tree, plugin_looks, load.environment))
    return Begun(amended, host, census, plugin_looks, looks, tree)


def recalled(root: Path, load: LoadOptions, recall: Recall, census: Census | None = None) -> Begun | None:
    """The service as it is remembered, if nothing that it was read from changed, and under the same plugins.

    Which plugins a service names, only its configuration says: nothing that is kept is ever run. What plugins make of a
    service may depend on any file of it.
    """
    known = recall.service()
    if known is None or known.plugins:
        return None
    looks = Looks()
    census = census or take_census()
    host = open_host(root, load, (), looks, census)
    holds = host.key == recall.memory.plugins and not host.has("slspack_amend_service")
    return Begun(known, host, census, looks) if holds else None


def _early_host(root: Path, load: LoadOptions, looks: Looks, census: Census) -> Host | None:
    """The plugins that do not wait for the configuration; None where one fails, for the configuration may block it."""
    try:
        return open_host(root, load, (), looks, census)
    except SlspackError:
        return None


def _load(root: Path, load: LoadOptions, looks: Looks, host: Host) -> Service:
    from slspack.config import load_service

    return load_service(root, load, looks, host.readers())

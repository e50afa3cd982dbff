"""From what a command line and a configuration say to the host of a build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.model import PluginUse
from slspack.plugins.builtin import static_host
from slspack.plugins.installed import take_census

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from slspack.looks import Looks
    from slspack.options import LoadOptions
    from slspack.plugins.host import Host
    from slspack.plugins.installed import Census


def open_host(
    root: Path, load: LoadOptions, configured: Sequence[PluginUse], looks: Looks, census: Census | None = None
) -> Host:
    """The host with every plugin that is asked for, configured, or installed and not blocked.

    `census` is what is known to be installed, if it is known. The plugins' files are noted in `looks`. Raises
    ConfigError for plugins that cannot be loaded.
    """
    installed = (census or take_census()).plugins
    if not (load.plugins or configured or installed):
        return static_host()
    from slspack.plugins.finding import wanted_plugins
    from slspack.plugins.host import Host
    from slspack.plugins.loading import load as load_plugin

    asked = [PluginUse(name) for name in load.plugins]
    wanted = wanted_plugins(asked, configured, installed)
    loaded = [load_plugin(one, root, _given(load, one.name), looks) for one in wanted]
    _check_names([plugin.name for plugin in loaded])
    return Host(loaded)


def _given(load: LoadOptions, name: str) -> Mapping[str, str]:
    prefix = f"{name}."
    return {key[len(prefix) :]: text for key, text in load.plugin_options.items() if key.startswith(prefix)}


def _check_names(names: Sequence[str]) -> None:
    from slspack.codes import Code
    from slspack.errors import ConfigError

    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"two plugins are named `{twice[0]}`"
        raise ConfigError.of(Code.PLUGIN_NOT_LOADED, message, hint="rename the file of one, or leave one out")

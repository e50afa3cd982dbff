"""Which plugins a build has: those that are named, and those that are installed and not blocked."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import PurePath
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.frozen import dataclass
from slspack.model import Finding, PluginUse, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from slspack.plugins.installed import InstalledPlugin

SHIPPED: Mapping[str, str] = {
    "asgi": "slspack.plugins.shipped.asgi",
    "botocore-data": "slspack.plugins.shipped.botocore_data",
    "bytecode": "slspack.plugins.shipped.bytecode",
    "datadog": "slspack.plugins.shipped.datadog",
    "dotenv": "slspack.plugins.shipped.dotenv",
    "powertools": "slspack.plugins.shipped.powertools",
    "prune-versions": "slspack.plugins.shipped.prune_versions",
    "sentry": "slspack.plugins.shipped.sentry",
    "wsgi": "slspack.plugins.shipped.wsgi",
}
"""slspack's own plugins, each with its module: loaded where they are named."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A plugin to be loaded. A file has no entry point, nor has one of slspack's own."""

    use: PluginUse
    installed: InstalledPlugin | None = None
    shipped: str | None = None

    @property
    def name(self) -> str:
        """The plugin's: of a file, the file's without its suffix."""
        return PurePath(self.use.name).stem if self.use.is_file else self.use.name


def wanted_plugins(
    asked: Sequence[PluginUse], configured: Sequence[PluginUse], installed: Sequence[InstalledPlugin]
) -> tuple[Wanted, ...]:
    """In the order in which they are asked: of the command line, of the configuration, then whatever is installed.

    One that is named twice has the options of the configuration. Raises ConfigError (SLS0801) with every name that is
    no plugin's.
    """
    points = _by_name(installed)
    blocked = {use.name for use in configured if use.blocked}
    uses: dict[str, PluginUse] = {}
    for use in (*asked, *configured):
        if not use.blocked and (use.name not in uses or use.options != "{}"):
            uses[use.name] = use
    unknown = [use for use in uses.values() if not use.is_file and use.name not in points and use.name not in SHIPPED]
    unknown += [use for use in configured if use.blocked and use.name not in points and use.name not in SHIPPED]
    if unknown:
        raise ConfigError(_unknown(use, (*points, *SHIPPED)) for use in unknown)
    return tuple(_wanted(uses, blocked, points))


def _wanted(
    uses: Mapping[str, PluginUse], blocked: Iterable[str], points: Mapping[str, Sequence[InstalledPlugin]]
) -> Iterator[Wanted]:
    for name, use in uses.items():
        if use.is_file:
            yield Wanted(use)
        elif name in points:
            yield Wanted(use, installed=_only(name, points[name]))
        else:
            yield Wanted(use, shipped=SHIPPED[name])
    for name in sorted(points):
        if name not in uses and name not in blocked:
            yield Wanted(PluginUse(name), installed=_only(name, points[name]))


def _by_name(installed: Iterable[InstalledPlugin]) -> Mapping[str, Sequence[InstalledPlugin]]:
    found: dict[str, list[InstalledPlugin]] = {}
    for point in installed:
        found.setdefault(point.name, []).append(point)
    return found


def _only(name: str, points: Sequence[InstalledPlugin]) -> InstalledPlugin:
    if len(points) > 1:
        by = " and ".join(f"`{point.distribution}`" for point in points)
        raise ConfigError.of(
            Code.PLUGIN_NOT_LOADED, f"{by} each bring a plugin `{name}`", hint="uninstall all of them but one"
        )
    return points[0]


def _unknown(use: PluginUse, known: Iterable[str]) -> Finding:
    near = get_close_matches(use.name, sorted(known), n=1)
    hint = (
        f"did you mean `{near[0]}`?"
        if near
        else "install the distribution that brings it into slspack's environment, or write `./file.py` for a file"
    )
    return Finding(Code.PLUGIN_NOT_FOUND, Severity.ERROR, f"there is no plugin `{use.name}`", use.location, hint)

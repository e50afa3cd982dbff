"""`slspack plugins`: which plugins a build has."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Unpack

import click

from slspack.cli.options import ServiceValues, absolute, load_options, service_options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from slspack.plugins import Host


class _Values(ServiceValues):
    as_json: bool


@click.command("plugins")
@service_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on standard output.")
def command(**values: Unpack[_Values]) -> None:
    """List the plugins of the service: version, hooks, how long they took to load and in the last build.

    In the order in which they are asked. Without a configuration, those that are installed.
    """
    from slspack.beginning import begin
    from slspack.codes import Code
    from slspack.errors import ConfigError
    from slspack.looks import Looks
    from slspack.plugins import open_host

    folder, load = absolute(values["folder"]), load_options(values)
    try:
        host = begin(folder, load).host
    except ConfigError as error:
        if any(finding.code is not Code.CONFIG_NOT_FOUND for finding in error.findings):
            raise
        host = open_host(folder, load, (), Looks())
    spent = _last_build(folder)
    if values["as_json"]:
        record = {"schema": "slspack-plugins/1", "plugins": list(_records(host, spent))}
        sys.stdout.write(json.dumps(record, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(host, spent))


def _records(host: Host, spent: Mapping[str, float]) -> Iterator[dict[str, object]]:
    from slspack.plugins.options import option_names

    for plugin in host.plugins:
        yield {
            "name": plugin.name,
            "version": plugin.version,
            "from": plugin.origin.value,
            "place": plugin.place,
            "hooks": list(plugin.hooks),
            "options": list(option_names(plugin.schema)) if plugin.schema else [],
            "load_seconds": round(plugin.seconds, 6),
            "build_seconds": spent.get(plugin.name),
        }


def _lines(host: Host, spent: Mapping[str, float]) -> Iterator[str]:
    from slspack.plugins.finding import SHIPPED

    if not host.plugins:
        yield "no plugins: none is installed, and the service names none"
    for plugin in host.plugins:
        took = f"loaded in {plugin.seconds * 1000:.0f} ms"
        if plugin.name in spent:
            took += f", {spent[plugin.name] * 1000:.0f} ms in the last build"
        yield f"{plugin.name} {plugin.version}  ({plugin.origin.value}: {plugin.place}; {took})"
        for hook in plugin.hooks:
            yield f"  {hook}"
    used = {plugin.name for plugin in host.plugins}
    idle = [name for name in sorted(SHIPPED) if name not in used]
    if idle:
        yield f"to be had by name, from slspack itself: {', '.join(idle)}"


def _last_build(folder: Path) -> Mapping[str, float]:
    """The seconds of each plugin in the last build, as the manifest has them."""
    try:
        timings = json.loads((folder / ".slspack/dist/manifest.json").read_bytes())["timings"]
        return {name.removeprefix("plugin "): float(s) for name, s in timings.items() if name.startswith("plugin ")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}

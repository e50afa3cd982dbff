"""`slspack watch`: build again whenever something is saved."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from slspack.cli.options import (
    ArtifactValues,
    OutputValues,
    artifact_options,
    build_request,
    function_option,
    individually_option,
    output_options,
    service_options,
)
from slspack.codes import Code
from slspack.errors import ConfigError, ExitStatus

if TYPE_CHECKING:
    from slspack.request import BuildRequest
    from slspack.watching.command import AfterBuild

_POLL = 300


class _Values(ArtifactValues, OutputValues):
    line: str | None
    poll: int | None
    debounce: int | None


@click.command("watch")
@service_options
@function_option
@individually_option
@artifact_options
@click.option(
    "--exec",
    "line",
    metavar="CMD",
    help="A line of shell to run after each good build that changed a function; what still runs of it is ended first.",
)
@click.option(
    "--poll",
    type=click.IntRange(min=1),
    is_flag=False,
    flag_value=_POLL,
    metavar="[MS]",
    help=f"Look at every file each MS milliseconds ({_POLL}): for network and container mounts.",
)
@click.option("--debounce", type=click.IntRange(min=1), metavar="MS", help="How long it must be quiet before a build.")
@output_options
def command(**values: Unpack[_Values]) -> int:
    """Build, then build what a change reaches whenever something is saved, until Ctrl-C."""
    from slspack.collector import collect_seldom
    from slspack.model import Check
    from slspack.watching.extra import require_extra

    require_extra()
    collect_seldom()
    # Between two builds of one process nobody is expected to write into its folders: their own times are enough.
    request = build_request(values, Check.FOLDERS)
    root = request.folder
    if root.is_relative_to(request.output) or Path(os.path.realpath(root)).is_relative_to(
        os.path.realpath(request.output)
    ):
        message = f"`--out {values['out']}` is, or holds, the folder that is watched: each build would start the next"
        raise ConfigError.of(Code.USAGE, message, hint="name a folder of its own for the artifacts")
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        _watch(request, values)
    except KeyboardInterrupt:
        if not values["quiet"]:
            print("stopped", file=sys.stderr)  # noqa: T201 (a command's own output)
    return ExitStatus.DONE


def _watch(request: BuildRequest, values: _Values) -> None:
    from slspack.progress import Silence
    from slspack.watching.building import EngineRebuilder
    from slspack.watching.command import Nothing, ShellCommand
    from slspack.watching.files import FileChanges
    from slspack.watching.listeners import Everybody, People, Plugins, Tools
    from slspack.watching.restart import RestartPoints
    from slspack.watching.session import Session

    manifest = request.output / "manifest.json"
    people = People(request.folder, sys.stderr, quiet=values["quiet"])
    line, environment = values["line"], request.load.environment
    points = RestartPoints(Silence())
    rebuilder = EngineRebuilder(replace(request, runs=bool(line)), points)
    # Standard output belongs to the events where there are any.
    output = sys.stderr if values["as_json"] else None
    after: AfterBuild = Nothing()
    if line:
        after = ShellCommand(
            line, request.folder, environment, manifest, people.say, output, lambda: rebuilder.variables
        )
    # People first: a tool may well change the very line that they are to see.
    tools = (Tools(request.folder, manifest, sys.stdout),) if values["as_json"] else ()
    listener = Everybody((people, *tools, Plugins(lambda: rebuilder.host)))
    stream = FileChanges(rebuilder.inputs(), values["debounce"], values["poll"])
    Session(rebuilder, stream, listener, after, points).run()

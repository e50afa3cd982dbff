"""Options that several commands share, as typed values."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slspack.model import Check
    from slspack.options import LoadOptions
    from slspack.request import BuildRequest

PLUGINS = "slspack.plugins"
"""Where a context of click keeps the plugins that were named before the command."""
PLUGIN_OPTIONS = "slspack.plugin_options"
"""Where a context of click keeps what plugins' own options were given."""

Command = TypeVar("Command", bound="Callable[..., object]")


class ServiceValues(TypedDict):
    """The values of `service_options`."""

    folder: Path
    config: Path | None
    stage: str | None
    params: dict[str, str]
    options: dict[str, str]
    plugins: tuple[str, ...]
    debug: bool


class OutputValues(TypedDict):
    """The values of `output_options`."""

    as_json: bool
    quiet: bool


def folder_option(text: str) -> Callable[[Command], Command]:
    """Add `-C`: a folder that is there. `text` says in the help whose it is."""
    folder = click.Path(path_type=Path, file_okay=False, exists=True)
    return click.option("-C", "folder", type=folder, default=Path(), metavar="DIR", help=text)


def service_options(command: Command) -> Command:
    """The options by which a command finds its service."""
    for decorate in reversed(
        (
            folder_option("The service's folder."),
            click.option(
                "--config",
                type=click.Path(path_type=Path, dir_okay=False),
                metavar="FILE",
                help="The configuration file, if it is not one of the known names in the service's folder.",
            ),
            click.option("-s", "--stage", help="The stage, for `${sls:stage}` and `${opt:stage}`."),
            click.option(
                "--param",
                "params",
                multiple=True,
                metavar="NAME=VALUE",
                callback=_pairs,
                help="A value for `${param:NAME}`; repeatable.",
            ),
            click.option(
                "--option",
                "options",
                multiple=True,
                metavar="NAME=VALUE",
                callback=_pairs,
                help="A value for `${opt:NAME}`, an option of the deploy tool; repeatable.",
            ),
            click.option(
                "-p",
                "--plugin",
                "plugins",
                multiple=True,
                metavar="NAME|FILE",
                callback=_plugins,
                help="A plugin to load, too, by its name or as a Python file; repeatable.",
            ),
            click.option("--debug", is_flag=True, help="Print the traceback of an error, too."),
        )
    ):
        command = decorate(command)
    return command


def output_options(command: Command) -> Command:
    """The options that say how much a command prints."""
    for decorate in reversed(
        (
            click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on standard output."),
            click.option("-q", "--quiet", is_flag=True, help="Print errors only."),
        )
    ):
        command = decorate(command)
    return command


def function_option(command: Command) -> Command:
    """`-f`, which narrows a command to some functions."""
    return click.option(
        "-f", "--function", "names", multiple=True, metavar="NAME", help="Only this function; repeatable."
    )(command)


def individually_option(command: Command) -> Command:
    """`--individually` and its opposite."""
    return click.option(
        "--individually/--no-individually",
        default=None,
        help="One artifact per function, or one for the service, whatever the configuration says.",
    )(command)


def artifact_options(command: Command) -> Command:
    """`--out`, `--format` and `--live`: what is written for each function, and where."""
    for decorate in reversed(
        (
            click.option(
                "--out",
                type=click.Path(path_type=Path, file_okay=False),
                metavar="DIR",
                help="Where artifacts and manifest.json go, instead of .slspack/dist/ (zips) or slspack_dist/.",
            ),
            click.option(
                "--format",
                "form",
                type=click.Choice(["zip", "dir"]),
                default="zip",
                show_default=True,
                help="Zips, or unzipped folders.",
            ),
            click.option(
                "--live",
                is_flag=True,
                help="With --format dir: write .slspack/live/, too, for the PYTHONPATH of a local emulator.",
            ),
        )
    ):
        command = decorate(command)
    return command


class ArtifactValues(ServiceValues):
    """The values of `artifact_options`, and of those that say which functions."""

    names: tuple[str, ...]
    individually: bool | None
    out: Path | None
    form: str
    live: bool


def build_request(values: ArtifactValues, check: Check) -> BuildRequest:
    """What the command line asks to be built. Raises click.UsageError for options that do not go together."""
    from slspack.model import ArtifactFormat
    from slspack.request import BuildRequest

    form = ArtifactFormat(values["form"])
    if values["live"] and form is not ArtifactFormat.DIRECTORY:
        raise click.UsageError("--live serves folders: it goes with --format dir")
    return BuildRequest(
        folder=absolute(values["folder"]),
        load=load_options(values, values["individually"]),
        names=values["names"],
        out=absolute(values["out"]) if values["out"] else None,
        format=form,
        check=check,
        live=values["live"],
    )


def load_options(values: ServiceValues, individually: bool | None = None) -> LoadOptions:  # noqa: FBT001 (yes, no, as configured)
    """How the configuration is to be read, from the command line and the process's environment."""
    from slspack.options import LoadOptions

    stage = values["stage"]
    options = values["options"] if stage is None else {**values["options"], "stage": stage}
    return LoadOptions(
        config=values["config"],
        stage=stage,
        options=options,
        params=values["params"],
        environment=dict(os.environ),
        individually=individually,
        plugins=asked_plugins(values["plugins"]),
        plugin_options=plugin_options(),
    )


def asked_plugins(own: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The plugins of the command line: those before the command, then those after it."""
    context = click.get_current_context(silent=True)
    before = context.meta.get(PLUGINS, ()) if context else ()
    return tuple(dict.fromkeys((*map(plugin_name, before), *own)))


def plugin_options() -> Mapping[str, str]:
    """What the command line gave for options that plugins have added to it, by `PLUGIN.OPTION`."""
    context = click.get_current_context(silent=True)
    return dict(context.meta.get(PLUGIN_OPTIONS, {})) if context else {}


def absolute(path: Path) -> Path:
    """A path of the command line as an absolute one, links left as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links out of the user's paths


def _plugins(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Paths are relative to the current folder."""
    return tuple(map(plugin_name, values))


def plugin_name(value: str) -> str:
    """A plugin as it is named on the command line; a path as an absolute one."""
    from slspack.model import PluginUse

    return str(absolute(Path(value))) if PluginUse(value).is_file else value


def _pairs(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{value!r} is not of the form NAME=VALUE")
        pairs[name] = text
    return pairs

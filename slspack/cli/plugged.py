"""What plugins add to the command line: commands, and options of commands."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slspack.cli.options import PLUGIN_OPTIONS, absolute, plugin_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from slspack.plugins import CommandOption, Host

_FOLDER = ("-C",)
_PLUGIN = ("-p", "--plugin")


def plugin_command(name: str, words: Sequence[str]) -> click.Command | None:
    """A command of that name of an installed plugin, of one named by `-p`, or of one that the service configures."""
    return next((command for command in _host(words).commands() if command.name == name), None)


def extended(command: click.Command, words: Sequence[str]) -> click.Command:
    """The command with the options that plugins add to it."""
    known = {flag for parameter in command.params for flag in parameter.opts}
    options = [
        _option(plugin, option)
        for plugin, option in _host(words).command_options(str(command.name))
        if known.isdisjoint(option.flags)
    ]
    if not options:
        return command
    again = click.Command(command.name, context_settings=command.context_settings, callback=command.callback)
    again.params, again.help, again.epilog = [*command.params, *options], command.help, command.epilog
    return again


def _option(plugin: str, option: CommandOption) -> click.Option:
    return click.Option(
        option.flags,
        help=f"{option.help} [plugin {plugin}]",
        is_flag=option.is_flag,
        metavar=option.metavar,
        expose_value=False,
        callback=_keeping(f"{plugin}.{option.option}"),
    )


def _keeping(name: str) -> Callable[[click.Context, click.Parameter, object], None]:
    def keep(context: click.Context, _parameter: click.Parameter, value: object) -> None:
        if value is not None and value is not False:
            text = "true" if value is True else str(value)
            context.meta.setdefault(PLUGIN_OPTIONS, {})[name] = text

    return keep


def _host(words: Sequence[str]) -> Host:
    """The plugins, as far as they can be known before the command line is: without options of their own."""
    from slspack.beginning import begin
    from slspack.errors import SlspackError
    from slspack.looks import Looks
    from slspack.options import LoadOptions
    from slspack.plugins import open_host

    folders = list(_values(words, _FOLDER))
    names = tuple(dict.fromkeys(map(plugin_name, _values(words, _PLUGIN))))
    root = absolute(Path(folders[-1])) if folders else Path.cwd()
    load = LoadOptions(environment=dict(os.environ), plugins=names)
    try:
        return begin(root, load).host
    except SlspackError:
        # What is wrong with the configuration, the command itself says; a command may need none.
        return open_host(root, load, (), Looks())


def _values(words: Sequence[str], flags: Sequence[str]) -> Iterator[str]:
    """The values of an option, however it is written."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in flags:
            yield following
        elif word.startswith(tuple(f"{flag}=" for flag in flags if flag.startswith("--"))):
            yield word.partition("=")[2]
        elif word.startswith(tuple(flag for flag in flags if not flag.startswith("--"))) and not word.startswith("--"):
            yield word[2:]

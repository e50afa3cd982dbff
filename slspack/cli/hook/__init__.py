"""`slspack hook`: what deploy tools call."""

from __future__ import annotations

import importlib

import click

_HOOKS = ("sam", "serverless", "terraform")


class _LazyGroup(click.Group):
    """Imports a hook's module only when that hook runs or is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_HOOKS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _HOOKS:
            return None
        command: click.Command = importlib.import_module(f"slspack.cli.hook.{cmd_name}").command
        return command


@click.group("hook", cls=_LazyGroup)
def command() -> None:
    """Answer a deploy tool.

    These commands are for tools' configurations, not for people.
    """

"""The plugin `prune-versions`: a command that deletes the versions of functions and layers that deploying leaves."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 (an option's type)
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slspack.plugins import INTERFACE, hookimpl

if TYPE_CHECKING:
    import click

slspack_interface = INTERFACE


@dataclass(frozen=True)
class Options:
    """What a configuration may say: defaults of the command's options, before those of `custom.prune`."""

    number: int | None = None
    include_layers: bool | None = None
    stack: str | None = None
    region: str | None = None
    profile: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """The deployed names of functions, where the configuration does not tell them."""


class PruneVersions:
    """Adds the command."""

    def __init__(self, options: Options) -> None:
        """With the options of one service."""
        self._options = options

    @hookimpl
    def slspack_commands(self) -> list[click.Command]:
        """One command: what it needs is imported when it runs."""
        from slspack.plugins.shipped.prune_versions.command import prune_command

        return [prune_command(self._options)]


plugin = PruneVersions

"""What hooks give that is no noun of the model."""

from __future__ import annotations

from slspack.frozen import dataclass


@dataclass(frozen=True, slots=True)
class CommandOption:
    """An option that a plugin adds to a command: another way to give one of the plugin's own options.

    `flags` are as on the command line (`--binary-types`, `-b`); `option` names a field of the plugin's options.
    """

    flags: tuple[str, ...]
    option: str
    help: str
    is_flag: bool = False
    """Whether it takes no value and means `true`."""
    metavar: str | None = None

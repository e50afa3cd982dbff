"""Which functions a plugin is for: its option `functions`, a list of globs over their names."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.model import Service

EVERY = ("*",)


def is_chosen(name: str, globs: Iterable[str]) -> bool:
    """Whether a function is among those that the globs name."""
    return any(fnmatchcase(name, glob) for glob in globs)


def chosen(service: Service, globs: Iterable[str]) -> tuple[str, ...]:
    """The names of the functions that the globs name. Raises ConfigError (SLS0108) for a glob that names none."""
    names = [function.name for function in service.functions]
    unused = [glob for glob in globs if glob not in EVERY and not any(fnmatchcase(name, glob) for name in names)]
    if unused:
        raise ConfigError.of(
            Code.NO_SUCH_FUNCTION,
            f"`functions` of a plugin has {' and '.join(f'`{glob}`' for glob in unused)}, which no function is named",
            hint=f"the service has: {', '.join(sorted(names))}",
        )
    return tuple(name for name in names if is_chosen(name, globs))

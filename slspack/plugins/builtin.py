"""What slspack itself does through hooks: the table of which a build without plugins is served, without pluggy."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from slspack.plugins.host import Host


@dataclass(frozen=True, slots=True)
class Builtin:
    """One implementation of slspack's own. It takes the hook's arguments by name."""

    name: str
    hook: str
    function: str
    """`module:name`: imported when it is called first."""
    early: bool = False
    """Whether it comes before all plugins, and not after them."""

    def __call__(self, **arguments: object) -> object:
        """Call it."""
        return _load(self.function)(**arguments)


BUILTINS = (
    Builtin("configuration", "slspack_service_readers", "slspack.config.load:own_readers"),
    Builtin("requirements", "slspack_read_requirements", "slspack.resolve.reading:read_requirement_set"),
    Builtin("uv", "slspack_resolve", "slspack.resolve.backends:with_uv"),
    Builtin("pip-tools", "slspack_resolve", "slspack.resolve.backends:with_pip_tools"),
    Builtin("builders", "slspack_builders", "slspack.builds.lineup:own_builders"),
    Builtin("limits", "slspack_check_plan", "slspack.check:check_plan"),
    Builtin("native-code", "slspack_check_native", "slspack.check:check_native"),
    Builtin("upload-limit", "slspack_check_artifact", "slspack.check:check_upload"),
    Builtin("manifest", "slspack_report", "slspack.request:write_manifest", early=True),
)
"""In the order in which they are asked, after all plugins."""


ENTRY_HOOKS = (
    "slspack_collect_entries",
    "slspack_amend_entries",
    "slspack_prune_wheel",
    "slspack_transform_wheel",
    "slspack_wrap_handler",
)
"""The hooks that decide what an artifact holds."""


def builtins_of(hook: str) -> tuple[Builtin, ...]:
    """Those of one hook."""
    return tuple(one for one in BUILTINS if one.hook == hook)


def static_host() -> Host:
    """The host of a build without plugins."""
    from slspack.plugins.host import Host

    return Host(())


@cache
def _load(function: str) -> Callable[..., object]:
    module, _, name = function.partition(":")
    return cast("Callable[..., object]", getattr(import_module(module), name))

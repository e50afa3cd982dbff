"""What each hook may give, checked where a plugin gives it, so that the plugin is named and not whoever comes next."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Result:
    """A class, as `module:name` so that nothing is imported before it is needed, and whether there are many of it."""

    kind: str
    many: bool = False

    def load(self) -> type:
        """The class."""
        module, _, name = self.kind.partition(":")
        found = getattr(import_module(module), name)
        if not isinstance(found, type):
            raise TypeError(f"{self.kind} is no class")
        return found


RESULTS: Mapping[str, Result | None] = {
    "slspack_service_readers": Result("slspack.config:ServiceReader", many=True),
    "slspack_amend_service": Result("slspack.model:Service"),
    "slspack_read_requirements": Result("slspack.resolve:RequirementsRead"),
    "slspack_resolve": Result("slspack.resolve:Candidate", many=True),
    "slspack_scan_source": Result("slspack.trace:SourceFacts"),
    "slspack_missing_import": Result("slspack.model:Provided"),
    "slspack_amend_closure": Result("slspack.model:Closure"),
    "slspack_provide_wheel": Result("pathlib:Path"),
    "slspack_builders": Result("slspack.builds:OfferedBuilder", many=True),
    "slspack_collect_entries": Result("slspack.model:Entry", many=True),
    "slspack_amend_entries": Result("slspack.model:Entry", many=True),
    "slspack_prune_wheel": Result("builtins:str", many=True),
    "slspack_transform_wheel": Result("slspack.bundle:WheelTransform"),
    "slspack_wrap_handler": Result("slspack.model:HandlerWrapper"),
    "slspack_finish_artifact": Result("slspack.model:Artifact"),
    "slspack_check_plan": Result("slspack.model:Finding", many=True),
    "slspack_check_native": Result("slspack.model:Finding", many=True),
    "slspack_check_artifact": Result("slspack.model:Finding", many=True),
    "slspack_report": None,
    "slspack_local_variables": Result("collections.abc:Mapping"),
    "slspack_watch_event": None,
    "slspack_commands": Result("click:Command", many=True),
    "slspack_command_options": Result("slspack.plugins:CommandOption", many=True),
}
"""By hook; None where nothing is to be given."""


def checked(plugin: str, hook: str, given: object) -> object:
    """What a plugin gave: None, a value, or a tuple of values, each of the right kind. Raises SLS0806."""
    result = RESULTS[hook]
    if given is None or result is None:
        return None
    kind = result.load()
    if not result.many:
        if isinstance(given, kind):
            return given
        raise wrong_answer(plugin, hook, f"a `{type(given).__name__}`, where a `{kind.__name__}` or `None` is wanted")
    if not isinstance(given, Iterable) or isinstance(given, str):
        raise wrong_answer(plugin, hook, f"a `{type(given).__name__}`, where several `{kind.__name__}` are wanted")
    items = tuple(given)
    for item in items:
        if not isinstance(item, kind):
            raise wrong_answer(plugin, hook, f"a `{type(item).__name__}` among what should be `{kind.__name__}`")
    return items


def wrong_answer(plugin: str, hook: str, what: str) -> SlspackError:
    """SLS0806: `what` completes the sentence "`hook` of the plugin gave …"."""
    return SlspackError.of(
        Code.PLUGIN_ANSWER,
        f"`{hook}` of the plugin `{plugin}` gave {what}",
        hint="`docs/reference/plugins.md` says what each hook gives; tell the plugin's authors",
    )

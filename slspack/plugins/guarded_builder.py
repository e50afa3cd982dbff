"""A plugin's builder, called under guard, and named and keyed so that nobody takes it for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.builds import BuiltWheel, OfferedBuilder
from slspack.frozen import dataclass
from slspack.keys import key_of
from slspack.plugins.guard import watched
from slspack.plugins.results import wrong_answer

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.builds import Builder, BuildPlace, BuildTask
    from slspack.model import Digest, Target
    from slspack.plugins.loaded import Loaded

_HOOK = "slspack_builders"


def guarded_builder(plugin: Loaded, offered: OfferedBuilder) -> OfferedBuilder:
    """The builder that a plugin offers, in whose name all that it raises is reported."""

    def opened(place: BuildPlace) -> Builder | None:
        with watched(plugin, _HOOK):
            builder = offered.open(place)
        return _Guarded(plugin, offered.name, builder) if builder is not None else None

    return OfferedBuilder(_name(plugin, offered.name), opened)


@dataclass(frozen=True, slots=True)
class _Guarded:
    plugin: Loaded
    inner_name: str
    inner: Builder

    @property
    def name(self) -> str:
        """The plugin's name is in it, so that it is none of slspack's own."""
        return _name(self.plugin, self.inner_name)

    def identity(self, target: Target) -> Digest:
        """The plugin's code and options decide what is built, too."""
        with watched(self.plugin, _HOOK):
            return key_of("builder", self.plugin.key, self.inner.identity(target))

    def build(self, task: BuildTask, into: Path) -> BuiltWheel:
        """Build by it. Raises SLS0805 and SLS0806, beside what builders raise."""
        with watched(self.plugin, _HOOK):
            built: object = self.inner.build(task, into)
        if not isinstance(built, BuiltWheel):
            what = f"a builder that gave a `{type(built).__name__}`, where a `BuiltWheel` is wanted"
            raise wrong_answer(self.plugin.name, _HOOK, what)
        return built


def _name(plugin: Loaded, name: str) -> str:
    return f"{plugin.name}/{name}"

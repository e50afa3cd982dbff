"""What stands between the host and a plugin: errors get the plugin's name, answers are checked, time is counted."""

from __future__ import annotations

import functools
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

from slspack.builds import StoppedError
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.plugins.results import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from slspack.bundle import SegmentFile, WheelTransform
    from slspack.config import ServiceReader
    from slspack.config.documents import Files
    from slspack.config.findings import Findings
    from slspack.config.nodes import Node
    from slspack.model import ArchivePath, Service
    from slspack.options import LoadOptions
    from slspack.plugins.loaded import Loaded

_TRANSFORM = "slspack_transform_wheel"
MARK = "slspack_impl"
"""The attribute that pluggy's marker leaves on an implementation."""


def guarded(plugin: Loaded) -> object:
    """The object that is registered in a plugin's place: one function for each of its hooks."""
    hooks = {name: _guard(plugin, name, getattr(plugin.target, name)) for name in plugin.hooks}
    return SimpleNamespace(**hooks)


def _guard(plugin: Loaded, hook: str, function: Callable[..., object]) -> Callable[..., object]:
    options = getattr(function, MARK)
    if options["wrapper"]:

        @functools.wraps(function)
        def wrapper(*arguments: object) -> Generator[object, object, object]:
            # Around the others, whose errors and time are not this plugin's.
            result = yield from function(*arguments)  # type: ignore[misc]
            return checked(plugin.name, hook, result)

        return wrapper

    @functools.wraps(function)
    def call(*arguments: object) -> object:
        with watched(plugin, hook):
            return checked(plugin.name, hook, function(*arguments))

    return call


@contextmanager
def watched(plugin: Loaded, hook: str) -> Iterator[None]:
    """Give whatever is raised the plugin's name, and count the time. Raises SLS0805."""
    began = time.perf_counter()
    try:
        yield
    except (SlspackError, StoppedError):
        raise
    except Exception as error:
        raise failed(plugin.name, hook, error) from error
    finally:
        plugin.spent.calls += 1
        plugin.spent.seconds += time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class GuardedTransform:
    """A plugin's transform of wheels, called under guard."""

    plugin: Loaded
    inner: WheelTransform

    @property
    def key(self) -> str:
        """The inner one's."""
        return self.inner.key

    def names(self, name: ArchivePath) -> tuple[ArchivePath, ...] | None:
        """What a file may become."""
        with watched(self.plugin, _TRANSFORM):
            return self.inner.names(name)

    def files(self, files: Sequence[SegmentFile]) -> Iterable[SegmentFile]:
        """What becomes of files."""
        with watched(self.plugin, _TRANSFORM):
            return tuple(self.inner.files(files))


def guarded_reader(plugin: Loaded, reader: ServiceReader) -> ServiceReader:
    """A plugin's kind of configuration, read under guard."""

    def read(document: Node, files: Files, options: LoadOptions, findings: Findings) -> Service | None:
        with watched(plugin, "slspack_service_readers"):
            return reader.read(document, files, options, findings)

    return replace(reader, read=read)


def failed(plugin: str, hook: str, error: Exception) -> SlspackError:
    """SLS0805 for whatever a plugin raised."""
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return SlspackError.of(
        Code.PLUGIN_FAILED,
        f"the plugin `{plugin}` failed in `{hook}`: {words}",
        hint=f"`--debug` prints its traceback; `plugins: ['!{plugin}']` builds without an installed plugin",
    )

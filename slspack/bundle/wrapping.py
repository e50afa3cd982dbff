"""Wrapped handlers: a generated module takes the place of the handler's, under its name, and runs it as itself.

The original becomes a file beside it. Its code is run in the generated module's own namespace, so that `__name__`, what
other modules import of it, and circular imports are as if nothing had happened; tracebacks name the original's file.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.keys import digest_bytes
from slspack.model import ArchivePath, Entry, Finding, GeneratedSource, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from slspack.model import ArtifactDraft, Function, HandlerWrapper, ModuleGraph

    Wrap = Callable[[Function, ModuleGraph], Sequence[tuple[str, HandlerWrapper]]]

ORIGINAL = "slspack_original_"
"""What the name of a file begins with whose place a generated module has taken."""

_IN_PLACE = '''\
"""Written by slspack: runs `{original}.py` as this module, then wraps what Lambda calls."""


def _slspack_run():
    import os
    from importlib.machinery import PathFinder

    folder = os.path.dirname(os.path.abspath(__file__))
    exec(PathFinder.find_spec("{original}", [folder]).loader.get_code("{original}"), globals())


_slspack_run()
'''
_ELSEWHERE = '''\
"""Written by slspack: wraps `{attribute}` of `{module}`, which Lambda is to call by way of this module."""


def _slspack_run():
    from importlib import import_module

    globals()["{attribute}"] = getattr(import_module("{module}"), "{attribute}")


_slspack_run()
'''
_WRAP = """

def _slspack_wrap():
    from {wrapper} import wrap

    globals()["{attribute}"] = wrap(globals()["{attribute}"])


_slspack_wrap()
"""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """The entries with what wraps handlers, and the functions whose handler has another name now."""

    entries: tuple[Entry, ...]
    handlers: tuple[tuple[str, str], ...] = ()


def wrap_handlers(draft: ArtifactDraft, entries: tuple[Entry, ...], wrap: Wrap) -> Wrapped:
    """Put wrappers around the handlers of an artifact. `wrap` gives those of a function, the innermost first.

    Raises SLS0808 where functions that share a handler want it wrapped differently.
    """
    made = {entry.name: entry for entry in entries}
    handlers: list[tuple[str, str]] = []
    for functions in _by_handler(draft).values():
        function = functions[0]
        wanted = [tuple(wrap(one, draft.graphs[one.name])) for one in functions]
        if any(one != wanted[0] for one in wanted):
            raise SlspackError([_disagreement(functions)])
        if not wanted[0]:
            continue
        names = []
        for plugin, wrapper in wanted[0]:
            entry = _wrapper_entry(plugin, wrapper)
            made[entry.name] = entry
            names.append(entry.name.removesuffix(".py"))
        place = _own_place(function, draft.graphs[function.name], made)
        if place is None:
            name = f"slspack_handler_{re.sub('[^0-9A-Za-z_]', '_', function.name)}"
            head = _ELSEWHERE.format(module=function.handler.module, attribute=function.handler.attribute)
            made[ArchivePath(f"{name}.py")] = _generated(f"{name}.py", head, "calls the handler of a distribution")
            place = ArchivePath(f"{name}.py")
            handlers += ((one.name, f"{name}.{function.handler.attribute}") for one in functions)
        elif not _is_generated(made[place]):
            _step_aside(place, made)
        for name in names:
            made[place] = _with_wrapper(made[place], name, function.handler.attribute)
        early = [name for name, (_, wrapper) in zip(names, wanted[0], strict=True) if wrapper.early]
        if early:
            made[place] = _importing_first(made[place], reversed(early))
    return Wrapped(tuple(sorted(made.values(), key=lambda entry: entry.name.encode())), tuple(handlers))


def _by_handler(draft: ArtifactDraft) -> Mapping[tuple[str, str], list[Function]]:
    found: dict[tuple[str, str], list[Function]] = {}
    for function in draft.functions:
        found.setdefault((function.handler.module, function.handler.attribute), []).append(function)
    return found


def _own_place(function: Function, graph: ModuleGraph, made: Mapping[ArchivePath, Entry]) -> ArchivePath | None:
    """The file of the handler's module; None where a distribution has it."""
    archives = (module.archive for module in graph.modules if module.name == function.handler.module)
    place = next(archives, None)
    if place is not None and place not in made:
        message = f"the handler of `{function.name}` cannot be wrapped: `{place}` is not in the artifact"
        hint = "a pattern or a plugin takes it out: leave it in"
        raise SlspackError(
            [Finding(Code.HANDLER_NOT_WRAPPED, Severity.ERROR, message, function.location, hint, function.name)]
        )
    return place


def _step_aside(place: ArchivePath, made: dict[ArchivePath, Entry]) -> None:
    """Give the original another name beside it, and let a generated module run it."""
    folder, file = posixpath.split(place)
    original = ORIGINAL + file.removesuffix(".py").strip("_")
    moved = made.pop(place)
    made[ArchivePath(posixpath.join(folder, f"{original}.py"))] = replace(
        moved, name=ArchivePath(posixpath.join(folder, f"{original}.py"))
    )
    made[place] = _generated(place, _IN_PLACE.format(original=original), "wraps the handler")


def _is_generated(entry: Entry) -> bool:
    return isinstance(entry.source, GeneratedSource) and entry.source.content.startswith(b'"""Written by slspack: ')


def _with_wrapper(entry: Entry, wrapper: str, attribute: str) -> Entry:
    text = _text(entry) + _WRAP.format(wrapper=wrapper, attribute=attribute)
    return replace(entry, source=GeneratedSource(text.encode()))


def _importing_first(entry: Entry, names: Iterable[str]) -> Entry:
    """The same module, with imports below its docstring that come before everything."""
    docstring, gap, rest = _text(entry).partition("\n\n\n")
    lines = [f"import {name}  # before the handler's own imports" for name in names]
    return replace(
        entry, source=GeneratedSource("\n".join([f"{docstring}\n", *lines]).encode() + (gap + rest).encode())
    )


def _text(entry: Entry) -> str:
    return entry.source.content.decode() if isinstance(entry.source, GeneratedSource) else ""


def _wrapper_entry(plugin: str, wrapper: HandlerWrapper) -> Entry:
    content = wrapper.source.encode()
    name = re.sub("[^0-9a-z_]", "_", plugin.lower())
    return _generated(
        f"slspack_wrap_{name}_{digest_bytes(content)[:8]}.py",
        wrapper.source,
        wrapper.reason or f"the plugin `{plugin}` wraps the handler",
    )


def _generated(name: str, text: str, reason: str) -> Entry:
    return Entry(ArchivePath(name), executable=False, source=GeneratedSource(text.encode()), reason=reason)


def _disagreement(functions: Sequence[Function]) -> Finding:
    names = " and ".join(f"`{function.name}`" for function in functions)
    return Finding(
        Code.HANDLER_NOT_WRAPPED,
        Severity.ERROR,
        f"{names} have one handler in one artifact, which is to be wrapped in different ways",
        functions[0].location,
        "set `individually: true`, or have the plugins treat them alike",
    )

"""Distributions in an archive inside the artifact, for functions that are too large unpacked.

Lambda counts what a function's zip unpacks to. An archive inside it counts as it is; a module that stands beside it
unpacks it into `/tmp` when the function starts. Who used `zip: true` of serverless-python-requirements imports that
module, `unzip_requirements`, in the handler. For who does not, a module in the handler's place imports it first, then
runs the handler's own source as itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.bundle.renewal import archive_key
from slspack.bundle.ziprecords import headers_size
from slspack.codes import Code
from slspack.frozen import dataclass
from slspack.model import UNPACKER, ArchivePath, Entry, Finding, GeneratedSource, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from slspack.bundle.layouts import WheelLayout
    from slspack.model import Function, ModuleGraph, WheelPart

ARCHIVE = ArchivePath(".requirements.zip")
"""As serverless-python-requirements calls it."""
_ASIDE = ".slspack.py"
"""What the handler's own source ends in where another module stands in its place: no import finds such a name."""
_STAND_IN = '''\
"""Unpacks the function's distributions, then is the module whose source stands beside it."""

import os

import {unpacker}

_source = os.path.join(os.path.dirname(os.path.abspath(__file__)), {aside!r})
with open(_source, "rb") as _stream:
    _code = compile(_stream.read(), _source, "exec", dont_inherit=True)
del _stream
exec(_code)
'''


@dataclass(frozen=True, slots=True)
class Wrapping:
    """Which modules of an artifact get a stand-in, and what is wrong with handlers that can have none."""

    handlers: tuple[ArchivePath, ...]
    findings: tuple[Finding, ...] = ()


def wrapping(functions: Iterable[Function], graphs: Mapping[str, ModuleGraph]) -> Wrapping:
    """The handlers of functions that do not import the unpacking module themselves."""
    handlers: list[ArchivePath] = []
    findings: list[Finding] = []
    for function in functions:
        graph = graphs[function.name]
        if any(imported.module == UNPACKER for imported in graph.external):
            continue
        own = next((module for module in graph.modules if module.name == function.handler.module), None)
        if own is not None and own.path.endswith(".py"):
            handlers.append(own.archive)
        else:
            findings.append(_not_ours(function))
    return Wrapping(tuple(dict.fromkeys(handlers)), tuple(findings))


def archive_size(parts: Sequence[WheelPart], layouts: Sequence[WheelLayout]) -> int:
    """How large the archive becomes at most, in bytes."""
    return sum(
        2 * headers_size(name) + min(member.size, member.compressed_size)
        for part, layout in zip(parts, layouts, strict=True)
        for name, member in layout.members.items()
        if name not in part.without
    )


def nested_entries(entries: Sequence[Entry], parts: Sequence[WheelPart], wrap: Sequence[ArchivePath]) -> list[Entry]:
    """The entries of an artifact with the module that unpacks and with stand-ins for handlers, in their order."""
    from importlib.resources import files

    found: list[Entry] = []
    for entry in entries:
        if entry.name not in wrap:
            found.append(entry)
            continue
        aside = ArchivePath(entry.name.removesuffix(".py") + _ASIDE)
        stand_in = _STAND_IN.format(unpacker=UNPACKER, aside=aside.rpartition("/")[2]).encode()
        reason = "unpacks the distributions before the handler's module runs"
        found += [replace(entry, name=aside), _generated(entry.name, stand_in, reason)]
    shim = files("slspack.bundle").joinpath("unzip_requirements.txt").read_bytes()
    shim = shim.replace(b"@KEY@", archive_key(parts)[:32].encode()).replace(b"@ARCHIVE@", ARCHIVE.encode())
    found.append(_generated(ArchivePath(f"{UNPACKER}.py"), shim, "unpacks the distributions"))
    return sorted(found, key=lambda entry: entry.name.encode())


def _generated(name: ArchivePath, content: bytes, reason: str) -> Entry:
    return Entry(name, executable=False, source=GeneratedSource(content), reason=reason)


def _not_ours(function: Function) -> Finding:
    return Finding(
        Code.HANDLER_NOT_OURS,
        Severity.ERROR,
        f"`{function.handler.text}` is no source file of the service, so that nothing can be unpacked before it",
        function.handler.location,
        f"name a module of your own that imports `{UNPACKER}` and then the handler",
        function.name,
    )

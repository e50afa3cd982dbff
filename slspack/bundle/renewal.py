"""What becomes of a plan when only the content of its files has changed: the names stay, the fingerprint is another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.bundle.content import size_of
from slspack.bundle.deflate import COMPRESSOR
from slspack.bundle.strip import STRIPPER
from slspack.bundle.ziprecords import FORMAT_VERSION
from slspack.keys import digest_bytes, key_of
from slspack.model import Digest, Entry, FileSource

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from slspack.model import Plan, WheelPart
    from slspack.tree import ServiceTree


def with_contents(plan: Plan, changed: Collection[str], tree: ServiceTree) -> Plan | None:
    """A plan whose files have other contents now, but the same names; `changed` are paths of the service.

    None where a file that changed is one that a wheel brings too: whether they agree has to be judged anew.
    """
    touched = {e.name for e in plan.entries if isinstance(e.source, FileSource) and e.source.path in changed}
    if not touched:
        return plan
    if any(name in touched for wheel in plan.all_wheels for name in wheel.without):
        return None
    entries = tuple(_renewed(entry, tree) if entry.name in touched else entry for entry in plan.entries)
    return replace(
        plan,
        entries=entries,
        fingerprint=fingerprint(entries, plan.wheels, plan.nested),
        unzipped_bytes=plan.unzipped_bytes + sum(map(size_of, entries)) - sum(map(size_of, plan.entries)),
    )


def fingerprint(entries: Iterable[Entry], wheels: Iterable[WheelPart], nested: Sequence[WheelPart] = ()) -> Digest:
    """The key of an artifact's bytes: what it holds, in its order, and the contract by which it is written."""
    return key_of(
        "plan",
        FORMAT_VERSION,
        COMPRESSOR,
        STRIPPER,
        [(entry.name, entry.executable, _sha256(entry)) for entry in entries],
        [(wheel.distribution.wheel.sha256, wheel.selection, wheel.without) for wheel in wheels],
        *([archive_key(nested)] if nested else ()),
    )


def archive_key(parts: Iterable[WheelPart]) -> Digest:
    """The key of the archive inside an artifact that holds these parts."""
    named = [(part.distribution.wheel.sha256, part.selection, part.without) for part in parts]
    return key_of("nested", FORMAT_VERSION, COMPRESSOR, STRIPPER, named)


def unzipped_size(entries: Iterable[Entry], wheels: Iterable[WheelPart]) -> int:
    """The size in bytes of all that an artifact holds, unzipped."""
    return sum(size_of(entry) for entry in entries) + sum(wheel.unzipped_bytes for wheel in wheels)


def _renewed(entry: Entry, tree: ServiceTree) -> Entry:
    if not isinstance(entry.source, FileSource):
        return entry
    path = entry.source.path
    return replace(entry, executable=tree.is_executable(path), source=tree.source(path))


def _sha256(entry: Entry) -> Digest:
    if isinstance(entry.source, FileSource):
        return entry.source.sha256
    return digest_bytes(entry.source.content)

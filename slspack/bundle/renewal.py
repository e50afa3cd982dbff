"""What becomes of a plan when only the content of its files has changed: the names stay, the fingerprint is another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.bundle.content import digest_of, size_of
from slspack.bundle.deflate import COMPRESSOR
from slspack.bundle.strip import STRIPPER
from slspack.bundle.ziprecords import FORMAT_VERSION
from slspack.keys import key_of
from slspack.model import Digest, Entry, FileSource

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from slspack.model import Plan, WheelPart
    from slspack.tree import ServiceTree


def with_contents(plan: Plan, changed: Collection[str], tree: ServiceTree) -> Plan | None:
    """A plan whose files have other contents now, but the same names; `changed` are paths of the service.

    None where a file that changed is one that a wheel brings too, since whether they agree has to be judged anew, or
    one that plugins have read.
    """
    touched = {e.name for e in plan.entries if isinstance(e.source, FileSource) and e.source.path in changed}
    if any(path in changed for path in plan.made_of):
        return None
    if not touched:
        return plan
    if any(name in touched for wheel in plan.all_wheels for name in wheel.without):
        return None
    entries = tuple(_renewed(entry, tree) if entry.name in touched else entry for entry in plan.entries)
    return replace(
        plan,
        entries=entries,
        fingerprint=fingerprint(entries, plan.wheels, plan.nested, plan.finishing),
        unzipped_bytes=plan.unzipped_bytes + sum(map(size_of, entries)) - sum(map(size_of, plan.entries)),
    )


def fingerprint(
    entries: Iterable[Entry], wheels: Iterable[WheelPart], nested: Sequence[WheelPart] = (), finishing: str = ""
) -> Digest:
    """The key of an artifact's bytes: what it holds, in its order, and the contract by which it is written.

    `finishing` is the key of whoever changes it after that.
    """
    return key_of(
        "plan",
        FORMAT_VERSION,
        COMPRESSOR,
        STRIPPER,
        [(entry.name, entry.executable, digest_of(entry)) for entry in entries],
        [_identity(wheel) for wheel in wheels],
        *([archive_key(nested)] if nested else []),
        *([finishing] if finishing else []),
    )


def archive_key(parts: Iterable[WheelPart]) -> Digest:
    """The key of the archive inside an artifact that holds these parts."""
    return key_of("nested", FORMAT_VERSION, COMPRESSOR, STRIPPER, [_identity(part) for part in parts])


def _identity(wheel: WheelPart) -> tuple[object, ...]:
    done = (wheel.transform,) if wheel.transform else ()
    return wheel.distribution.wheel.sha256, wheel.selection, wheel.without, *done


def unzipped_size(entries: Iterable[Entry], wheels: Iterable[WheelPart]) -> int:
    """The size in bytes of all that an artifact holds, unzipped."""
    return sum(size_of(entry) for entry in entries) + sum(wheel.unzipped_bytes for wheel in wheels)


def _renewed(entry: Entry, tree: ServiceTree) -> Entry:
    if not isinstance(entry.source, FileSource):
        return entry
    path = entry.source.path
    return replace(entry, executable=tree.is_executable(path), source=tree.source(path))

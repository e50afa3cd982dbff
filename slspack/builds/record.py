"""What the store knows of builds: which wheel came of which source, by whom, for which target."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.keys import key_of
from slspack.model import Digest, Provenance
from slspack.store import Kind

if TYPE_CHECKING:
    from slspack.builds.builder import Builder
    from slspack.builds.sources import Source
    from slspack.model import Target
    from slspack.store import Store

TRACED = "first-party"
"""What stands for a builder's name where a local package is traced, and its wheel is its metadata alone."""
_FORMAT = "build/1"


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """A wheel that was built. Its content is in the store by its hash, until that is pruned."""

    filename: str
    name: str
    version: str
    sha256: Digest
    size: int
    provenance: Provenance


def find_record(store: Store, source: Source, builder: Builder, target: Target) -> BuildRecord | None:
    """What this builder made of a source for any target, else for this one."""
    return _read(store, _key(source, builder, target, None)) or _read(store, _key(source, builder, target, target))


def keep_record(
    store: Store, record: BuildRecord, source: Source, builder: Builder, target: Target, *, pure: bool
) -> None:
    """Remember what a builder made of a source: for this target, or where the wheel is pure for any."""
    content = {
        "filename": record.filename,
        "name": record.name,
        "version": record.version,
        "sha256": record.sha256,
        "size": record.size,
        "builder": record.provenance.builder,
        "source": record.provenance.source,
        "source_digest": record.provenance.source_digest,
        "image": record.provenance.image,
        "compiler": record.provenance.compiler,
    }
    store.write(
        Kind.BUILD,
        _key(source, builder, target, None if pure else target),
        json.dumps(content, sort_keys=True).encode(),
    )


def _key(source: Source, builder: Builder, target: Target, fits: Target | None) -> Digest:
    return key_of(_FORMAT, source.key, builder.name, builder.identity(target), fits)


def _read(store: Store, key: Digest) -> BuildRecord | None:
    content = store.read(Kind.BUILD, key)
    if content is None:
        return None
    try:
        kept = json.loads(content)
        provenance = Provenance(
            kept["builder"], kept["source"], Digest(kept["source_digest"]), kept["image"], kept["compiler"]
        )
        return BuildRecord(
            kept["filename"], kept["name"], kept["version"], Digest(kept["sha256"]), kept["size"], provenance
        )
    except (ValueError, KeyError, TypeError):
        return None

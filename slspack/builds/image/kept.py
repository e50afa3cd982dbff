"""Extra files of an image in the store, and what a build has to look at to know that an image is as it was."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.builds.image.images import find_context
from slspack.keys import digest_file, key_of
from slspack.model import ArchivePath, Digest, Entry, KeptSource
from slspack.store import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.builds.image.builder import ImageBuilder
    from slspack.looks import Looks
    from slspack.model import ImageSettings, Target
    from slspack.store import Store

_FORMAT = "extra files/1"
_REASON = "an extra file of the image"


def extra_entries(builder: ImageBuilder, settings: ImageSettings, target: Target, store: Store) -> tuple[Entry, ...]:
    """The settings' extra files as entries of an artifact's root, sorted by name.

    They are taken out of the image once; after that, as long as the image stays the same, the store has them. Raises
    SlspackError for those that the image lacks, MachineError where the daemon fails.
    """
    key = key_of(_FORMAT, builder.identity(target), settings.extra_files)
    kept = _read(store, key)
    if kept is not None:
        return kept
    found = []
    with tempfile.TemporaryDirectory(prefix="slspack-extra-") as scratch:
        for origin, path in zip(settings.extra_files, builder.extra_files(target, Path(scratch)), strict=True):
            sha256, size = digest_file(path), path.stat().st_size
            store.write(Kind.FILE, sha256, path.read_bytes())
            found.append([path.name, origin, sha256, size])
    store.write(Kind.BUILD, key, json.dumps(sorted(found)).encode())
    kept = _read(store, key)
    if kept is None:  # pragma: no cover - only where somebody empties the store this very moment
        raise AssertionError("what was just written to the store is not there")
    return kept


def still_kept(entries: tuple[Entry, ...], store: Store) -> bool:
    """Whether the store has what a plan took out of an image, in the place that the plan names."""
    return all(
        isinstance(entry.source, KeptSource) and str(store.find(Kind.FILE, entry.source.sha256)) == entry.source.kept
        for entry in entries
    )


def context_key(
    settings: ImageSettings, target: Target, root: Path, environment: Mapping[str, str], looks: Looks
) -> str:
    """What a build in an image depends on besides its settings: the Dockerfile with its context, and variables.

    All of it is noted in `looks`. Empty where there is no such thing, known without a daemon. Raises ConfigError where
    the Dockerfile is not there.
    """
    variables = [(name, environment.get(name)) for name in settings.environment]
    context = find_context(settings, root, environment)
    if context is None:
        return key_of("image variables", variables) if variables else ""
    for place in context.places():
        if place != root:  # which names the service's own folder holds is known of every lock
            looks.look(str(place), place)
    return key_of("image context", context.key(target), variables)


def _read(store: Store, key: Digest) -> tuple[Entry, ...] | None:
    content = store.read(Kind.BUILD, key)
    if content is None:
        return None
    entries = []
    try:
        for name, origin, sha256, size in json.loads(content):
            place = store.find(Kind.FILE, Digest(sha256))
            if place is None:
                return None
            source = KeptSource(origin, str(place), Digest(sha256), size)
            entries.append(Entry(ArchivePath(name), executable=False, source=source, reason=_REASON))
    except (ValueError, TypeError):
        return None
    return tuple(entries)

"""Resolutions kept below the service, so that the next build needs neither the network nor a resolver."""

from __future__ import annotations

import json
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from slspack.keys import digest_file, key_of
from slspack.model import Digest, LockedDistribution, Provenance, Resolver, WheelFile, dist_name
from slspack.registry import local_path
from slspack.resolve.written import Origin
from slspack.stamps import stamp_of
from slspack.store import Kind
from slspack.targets import parse_target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.resolve.problem import Problem
    from slspack.resolve.written import WrittenRequirement
    from slspack.store import Store

_SCHEMA = "slspack-lock/1"
FRESH_SECONDS = 600
"""For so long indexes let pip and uv take an answer for granted (`Cache-Control: max-age` of their pages)."""
DECISIVE = (
    "UV_CONSTRAINT", "UV_EXCLUDE_NEWER", "UV_FORK_STRATEGY", "UV_INDEX_STRATEGY", "UV_OVERRIDE", "UV_PRERELEASE",
    "UV_RESOLUTION", "UV_TORCH_BACKEND",
)  # fmt: skip
"""The variables of uv's that reach it and change what it decides."""


class KeptLocks:
    """One JSON file for each resolution, named by the key of all that it depends on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, key: Digest) -> tuple[LockedDistribution, ...] | None:
        """The resolution kept under a key; None if there is none, it is damaged, or a local wheel of it is gone."""
        try:
            content = (self._folder / f"{key}.json").read_bytes()
        except OSError:
            return None
        return _decode(content)

    def write(self, key: Digest, distributions: tuple[LockedDistribution, ...]) -> None:
        """Keep a resolution: at once and whole. Where nothing can be written, nothing is kept."""
        temporary = ""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=".writing-", dir=self._folder)
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(_encode(distributions))
            Path(temporary).replace(self._folder / f"{key}.json")
        except OSError:
            with suppress(OSError):
                Path(temporary).unlink()


class RecentLocks:
    """What was resolved a few minutes ago, in the user's store: for every checkout of a service.

    `places` are folders of this machine that wheels are taken from; a resolver is asked anew once one has changed.
    """

    def __init__(self, store: Store, places: Iterable[Path]) -> None:
        self._store = store
        self._places = tuple(places)

    def read(self, key: Digest) -> tuple[LockedDistribution, ...] | None:
        """What was resolved under a key no longer ago than an index's answer is good for."""
        content = self._store.read(Kind.RESOLUTION, self._key(key)) or b""
        resolved, _, rest = content.partition(b"\n")
        try:
            age = time.time() - int(resolved)
        except ValueError:
            return None
        return _decode(rest) if 0 <= age < FRESH_SECONDS else None

    def write(self, key: Digest, distributions: tuple[LockedDistribution, ...]) -> None:
        """Keep what was resolved now; where nothing can be written, nothing is kept."""
        with suppress(OSError):
            content = f"{int(time.time())}\n{_encode(distributions)}"
            self._store.write(Kind.RESOLUTION, self._key(key), content.encode())

    def _key(self, key: Digest) -> Digest:
        return key_of("recent-resolution", key, [(str(place), stamp_of(place)) for place in self._places])


def resolution_key(problem: Problem, resolver: Resolver, hashes: object, image_key: str = "") -> Digest:
    """The key of all that a resolution depends on, except what an index holds today.

    Not of where requirements stand in the files, nor of credentials.
    """
    configuration, build = problem.configuration, problem.build
    return key_of(
        "resolution",
        _SCHEMA,
        resolver,
        problem.target,
        sorted({_text(one, problem) for one in problem.requirements}),
        sorted({_text(one, problem) for one in problem.constraints}),
        hashes,
        problem.prereleases,
        configuration.identity,
        [(name, problem.environment.get(name, "")) for name in DECISIVE],
        (build.builder, sorted((rule.name, rule.choice.value) for rule in build.rules), build.image, image_key),
    )


def _text(one: WrittenRequirement, problem: Problem) -> tuple[str, str]:
    """The requirement without its marker, which is decided, and the content of a wheel that is here already."""
    extras = ",".join(sorted(one.extras))
    content = ""
    if one.origin is Origin.WHEEL:
        place = local_path(one.reference)
        path = problem.root / place.expanduser() if place is not None else None
        content = digest_file(path) if path is not None and path.is_file() else ""
    built = problem.built_for(one.name) if one.origin is Origin.SOURCE else None
    if built is not None:
        content = built.distribution.wheel.sha256
    return f"{one.name}[{extras}]{one.specifier}@{one.reference}", content


def _is_there(wheel: WheelFile) -> bool:
    place = local_path(wheel.url)
    return place is None or place.is_file()


def _encode(distributions: tuple[LockedDistribution, ...]) -> str:
    content = {"schema": _SCHEMA, "distributions": [_encoded(one) for one in distributions]}
    return json.dumps(content, indent=1) + "\n"


def _decode(text: bytes) -> tuple[LockedDistribution, ...] | None:
    try:
        content = json.loads(text)
        if content["schema"] != _SCHEMA:
            return None
        distributions = tuple(_decoded(item) for item in content["distributions"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return distributions if all(one.built or _is_there(one.wheel) for one in distributions) else None


def _encoded(one: LockedDistribution) -> dict[str, object]:
    wheel = one.wheel
    encoded: dict[str, object] = {
        "name": one.name, "version": one.version, "filename": wheel.filename, "url": wheel.url,
        "sha256": wheel.sha256, "size": wheel.size,
    }  # fmt: skip
    if one.built is not None:
        built, target = one.built, one.built.target
        encoded["built"] = {
            "builder": built.builder, "source": built.source, "source_digest": built.source_digest,
            "image": built.image, "compiler": built.compiler,
            "runtime": target and target.runtime, "architecture": target and target.architecture.value,
        }  # fmt: skip
    return encoded


def _decoded(item: dict[str, object]) -> LockedDistribution:
    texts = [item[field] for field in ("name", "version", "filename", "url", "sha256")]
    size = item["size"]
    if not all(isinstance(text, str) for text in texts) or not isinstance(size, int | None):
        raise TypeError("not a kept distribution")
    name, version, filename, url, sha256 = cast("list[str]", texts)
    if len(sha256) != 64:
        raise ValueError("not a sha256")
    wheel = WheelFile(filename, url, Digest(sha256), size)
    built = item.get("built")
    return LockedDistribution(dist_name(name), version, wheel, _provenance(built) if built is not None else None)


def _provenance(item: object) -> Provenance:
    if not isinstance(item, dict):
        raise TypeError("not a kept build")
    target = parse_target(item["runtime"], item["architecture"])
    return Provenance(
        item["builder"], item["source"], Digest(item["source_digest"]), item["image"], item["compiler"], target
    )

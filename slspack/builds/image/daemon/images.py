"""What a daemon is asked of images: whether they are there, pulling, building, and what they are made of."""

from __future__ import annotations

import json
import shutil
import tarfile
from typing import IO, TYPE_CHECKING

from slspack.builds.image.daemon.connection import Connection, sdk_installed
from slspack.builds.image.daemon.replies import NotThereError, api_error, not_found, release, without_errors
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from slspack.builds.image.options import ImageOptions

_GONE = 404


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What a daemon says of an image that it has."""

    id: str
    digests: tuple[str, ...]
    """`name@sha256:…`, for each registry that it was pulled from."""
    architecture: str


@dataclass(frozen=True, slots=True)
class BaseFacts:
    """What an image is made of, for one that stands on it."""

    config: Mapping[str, object]
    layers: tuple[str, ...]
    """`sha256:…` of the uncompressed layers, the lowest first."""
    architecture: str
    system: str


class ImageCalls(Connection):
    """A daemon's images."""

    def image(self, reference: str) -> ImageFacts | None:
        """What the daemon has under a name, digest or id."""
        with self.told() as api:
            try:
                found = api.inspect_image(reference)  # type: ignore[no-untyped-call]
            except not_found():
                return None
        digests = tuple(str(digest) for digest in found.get("RepoDigests") or ())
        return ImageFacts(str(found["Id"]), digests, str(found.get("Architecture", "")))

    def registry_digest(self, reference: str) -> str | None:
        """The digest that a registry has for a name, without pulling it; None where it cannot be asked."""
        with self.told() as api:
            try:
                answer = api.inspect_distribution(reference)  # type: ignore[no-untyped-call]
                return str(answer["Descriptor"]["digest"])
            except (api_error(), LookupError):
                return None

    def pull(self, repository: str, tag: str, platform: str, say: Callable[[str], None]) -> None:
        """Pull one image for a platform. Raises NotThereError where the registry has none or refuses."""
        with self.told() as api:
            try:
                lines = api.pull(repository, tag=tag, platform=platform, stream=True, decode=True)
                for line in without_errors(lines):
                    if "id" not in line and line.get("status"):
                        say(str(line["status"]))
            except api_error() as problem:
                release(problem)
                if problem.status_code != _GONE:
                    raise
                raise NotThereError(str(problem.explanation)) from problem

    def build_image(
        self, folder: str, dockerfile: str, tag: str, platform: str, options: ImageOptions
    ) -> Iterator[str]:
        """Build a Dockerfile with its folder as context, and give what it prints line by line.

        Raises NotThereError with the daemon's words where a step fails.
        """
        from docker.utils import parse_bytes

        with self.told() as api:
            try:
                lines = api.build(
                    path=folder,
                    dockerfile=dockerfile,
                    tag=tag,
                    platform=options.platform or platform,
                    buildargs=dict(options.arguments),
                    target=options.stage or "",
                    network_mode=options.network,
                    extra_hosts=dict(options.hosts) or None,
                    labels=dict(options.labels) or None,
                    cache_from=list(options.cache_from) or None,
                    shmsize=int(parse_bytes(options.shared_memory)) if options.shared_memory else None,
                    nocache=not options.cache,
                    pull=options.pull,
                    rm=True,
                    forcerm=True,
                    decode=True,
                )
                for line in without_errors(lines):
                    yield str(line.get("stream") or "")
            except api_error() as problem:
                raise NotThereError(str(problem.explanation)) from problem

    def base(self, identifier: str) -> BaseFacts:
        """What an image that the daemon has is made of."""
        with self.told() as api:
            found = api.inspect_image(identifier)  # type: ignore[no-untyped-call]
        return BaseFacts(
            dict(found.get("Config") or {}),
            tuple(found["RootFS"].get("Layers") or ()),
            str(found["Architecture"]),
            str(found["Os"]),
        )

    def load(self, archive: IO[bytes]) -> None:
        """Take in images of an archive. Raises NotThereError with the daemon's words where it lacks something."""
        with self.told() as api:
            try:
                for _ in without_errors(api.load_image(archive)):  # type: ignore[no-untyped-call]
                    pass
            except api_error() as problem:
                release(problem)
                raise NotThereError(str(problem.explanation)) from problem

    def layers(self, identifier: str, folder: Path) -> tuple[Path, ...]:
        """Write the layers of an image into a folder, the lowest first."""
        place = folder / "image.tar"
        with self.told() as api, place.open("wb") as stream:
            for chunk in api.get_image(identifier):
                stream.write(chunk)
        with tarfile.open(place) as tar:
            manifest = tar.extractfile("manifest.json")
            names = json.load(manifest)[0]["Layers"] if manifest else []
            written = []
            for number, name in enumerate(names):
                content = tar.extractfile(name)
                if content is not None:
                    written.append(folder / f"{number}.tar")
                    with written[-1].open("wb") as stream:
                        shutil.copyfileobj(content, stream)
        return tuple(written)


def excluded_from(folder: Path, patterns: Sequence[str], dockerfile: str) -> list[str]:
    """The files and folders that go to a daemon, sorted. Where the SDK is not here, only the Dockerfile counts."""
    if not sdk_installed():
        return [dockerfile]
    from docker.utils import exclude_paths

    return sorted(exclude_paths(str(folder), list(patterns), dockerfile))

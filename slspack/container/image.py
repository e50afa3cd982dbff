"""Images of functions: put together here, layer by layer, and given to the daemon whole.

Nothing is run to make one, so nothing of the machine or of the hour comes into it: the same plan on the same base is
the same image. An archive names the layers of its base without having them, for the daemon has them already.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.builds.image.archives import Archive
from slspack.builds.image.daemon import NotThereError, open_daemon
from slspack.builds.image.endpoint import find_endpoint
from slspack.builds.image.images import Images, default_images, platform_of
from slspack.bundle.output import replacing
from slspack.codes import Code
from slspack.container.entry import image_settings
from slspack.container.layers import code_layer, dependency_layer
from slspack.container.record import image_json
from slspack.errors import ConfigError, MachineError
from slspack.keys import digest_bytes
from slspack.model import Artifact, ContainerImage, ImageLayer, ImagePackage, ImageSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from slspack.builds.image.daemon import BaseFacts, Daemon
    from slspack.builds.image.images import Image
    from slspack.bundle import Segment
    from slspack.container.layers import LayerFile
    from slspack.model import DistName, Function, Plan, Service
    from slspack.tree import ServiceTree

_CREATED = "1980-01-01T00:00:00Z"


class ImageWriter:
    """Makes images. The daemon is asked for nothing before the first of them."""

    def __init__(self, service: Service, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._service, self._environment, self._say = service, environment, say
        self._opened: Daemon | None = None

    def write(
        self,
        plan: Plan,
        function: Function,
        segments: Mapping[DistName, Segment],
        tree: ServiceTree,
        destination: Path,
    ) -> Artifact:
        """Give the daemon the image of a plan, and write down at `destination` which one it is.

        Raises SlspackError where nothing would call the handler, ConfigError for a base that does not fit, MachineError
        where no daemon answers or it cannot be pulled.
        """
        package = function.image or ImagePackage()
        base = self._base(function, package)
        facts = self._daemon.base(base.id)
        settings = image_settings(facts, base.reference, {part.distribution.name for part in plan.wheels}, function)
        with tempfile.TemporaryDirectory(prefix="slspack-image-") as folder:
            layers = {
                "dependencies": dependency_layer(plan, segments, Path(folder, "dependencies.tar")),
                "code": code_layer(plan, tree, Path(folder, "code.tar")),
            }
            config = image_config(facts, settings, [layer.digest for layer in layers.values()])
            name = package.name or re.sub(r"[^a-z0-9]+", "-", f"{self._service.name}-{function.name}".lower()).strip(
                "-"
            )
            reference = f"{name}:{self._service.stage}"
            self._load(base, facts, config, list(layers.values()), reference)
        made = tuple(ImageLayer(holds, layer.digest, layer.bytes) for holds, layer in layers.items())
        digest = f"sha256:{digest_bytes(config)}"
        image = ContainerImage(reference, digest, base.reference, base.digest, (function.handler.text,), made)
        content = image_json(image)
        with replacing(destination, len(content)) as output:
            output.write(content)
        size = sum(layer.bytes for layer in made)
        return Artifact(plan, destination.absolute(), digest_bytes(content), size, cached=False, image=image)

    @property
    def _daemon(self) -> Daemon:
        if self._opened is None:
            self._opened = open_daemon(find_endpoint(self._environment))
        return self._opened

    def _base(self, function: Function, package: ImagePackage) -> Image:
        reference = package.base or default_images(function.target)[-1]
        images = Images(self._daemon, ImageSettings(image=reference), None)
        base = images.ready(function.target, self._say, None)
        wanted = platform_of(function.target).partition("/")[2]
        if base.architecture not in ("", wanted):
            message = f"the base `{base.reference}` is for {base.architecture}, and `{function.name}` runs on {wanted}"
            hint = f"`docker pull --platform {platform_of(function.target)} {base.reference}`, or name another `base`"
            raise ConfigError.of(Code.IMAGE_UNFIT, message, at=function.location, hint=hint)
        return base

    def _load(self, base: Image, facts: BaseFacts, config: bytes, layers: Sequence[LayerFile], reference: str) -> None:
        try:
            with image_archive(config, len(facts.layers), layers, reference) as archive:
                self._daemon.load(archive.finished())
        except NotThereError:
            # A daemon that keeps its images in containerd wants every layer, those that it has, too.
            self._load_whole(base, config, layers, reference)

    def _load_whole(self, base: Image, config: bytes, layers: Sequence[LayerFile], reference: str) -> None:
        with tempfile.TemporaryDirectory(prefix="slspack-base-") as folder:
            below = self._daemon.layers(base.id, Path(folder))
            try:
                with image_archive(config, len(below), layers, reference, below) as archive:
                    self._daemon.load(archive.finished())
            except NotThereError as problem:
                message = f"the daemon does not take the image `{reference}`: {problem}"
                hint = "report it with what `docker version` prints"
                raise MachineError.of(Code.IMAGE_REFUSED, message, hint=hint) from problem


def image_config(base: BaseFacts, settings: Mapping[str, object], layers: Sequence[str]) -> bytes:
    """The configuration of an image, by whose sha256 it is known (OCI image specification, "Image Configuration")."""
    config = {
        "architecture": base.architecture,
        "config": settings,
        "created": _CREATED,
        "os": base.system,
        "rootfs": {"type": "layers", "diff_ids": [*base.layers, *layers]},
    }
    return json.dumps(config, sort_keys=True, separators=(",", ":")).encode()


def image_archive(
    config: bytes, base_layers: int, layers: Sequence[LayerFile], reference: str, below: Sequence[Path] = ()
) -> Archive:
    """What `docker load` takes: of the base's layers only their number, unless they are given."""
    archive = Archive()
    names = [f"base-{number}.tar" for number in range(base_layers)]
    for name, path in zip(names, below, strict=False):
        archive.add_file(name, path)
    for layer in layers:
        archive.add_file(layer.path.name, layer.path)
        names.append(layer.path.name)
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    archive.add_bytes(name, config)
    manifest = [{"Config": name, "RepoTags": [reference], "Layers": names}]
    archive.add_bytes("manifest.json", json.dumps(manifest).encode())
    return archive

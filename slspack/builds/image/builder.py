"""Wheels built in a container of a Lambda-compatible image, over any Docker daemon."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.builds.builder import BuiltWheel
from slspack.builds.image.container import created, remove_leftovers, running
from slspack.builds.image.daemon import NotThereError, answers, open_daemon, sdk_installed
from slspack.builds.image.endpoint import find_endpoint
from slspack.builds.image.extras import copy_extra_files
from slspack.builds.image.images import Images, find_context, platform_of
from slspack.builds.image.options import run_options
from slspack.builds.image.ssh import SshAccess, ssh_access
from slspack.builds.image.steps import Steps, driver_source
from slspack.codes import Code
from slspack.errors import ConfigError, MachineError, SlspackError
from slspack.keys import digest_bytes, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from threading import Event

    from slspack.builds.builder import BuildTask
    from slspack.builds.image.container import Container
    from slspack.builds.image.daemon import Daemon
    from slspack.builds.image.images import Image
    from slspack.builds.image.options import RunOptions
    from slspack.model import Digest, ImageSettings, Target

_REVISION = 1
"""Raised where this package comes to build other bytes of the same source."""
_WITHOUT_EFFECT = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
"""Variables that say how to reach something, not what is made of it."""
_EMULATION = (
    "this machine cannot run that architecture: register an emulator once "
    "(`apt install qemu-user-static`), or build by `builder: cross`"
)


def daemon_answers(environment: Mapping[str, str]) -> bool:
    """Whether a build in an image could start: the SDK is installed and a daemon answers. A millisecond as a rule."""
    if not sdk_installed():
        return False
    try:
        endpoint = find_endpoint(environment)
    except MachineError:
        return False
    return endpoint is not None and answers(endpoint)


def open_image_builder(settings: ImageSettings, root: Path, environment: Mapping[str, str]) -> ImageBuilder:
    """The builder, after all that can be wrong before a build has been looked at.

    Raises ConfigError for options that cannot be passed on and for a Dockerfile that is not there; MachineError where
    no daemon answers, the SDK is missing, or SSH is asked for and not ready.
    """
    options = run_options(settings.run_options, root, environment)
    context = find_context(settings, root, environment)
    if settings.ssh and options.user not in (None, "0", "root"):
        message = "`ssh` and `--user` exclude each other: keys are given to the container's root"
        raise ConfigError.of(Code.DOCKER_OPTION, message, hint="leave one of them out")
    daemon = open_daemon(find_endpoint(environment))
    access = ssh_access(settings, environment, daemon.endpoint) if settings.ssh else SshAccess()
    given = [(name, environment[name]) for name in settings.environment if name in environment]
    network = options.network or (None if settings.network or settings.ssh else "none")
    options = replace(options, network=network, environment=(*options.environment, *given))
    remove_leftovers(daemon)
    return ImageBuilder(daemon, Images(daemon, settings, context), settings, options, access)


class ImageBuilder:
    """Builds in containers, each of its own. Sources go in and wheels come out by the API; nothing is mounted."""

    name = "docker"

    def __init__(
        self, daemon: Daemon, images: Images, settings: ImageSettings, options: RunOptions, access: SshAccess
    ) -> None:
        self._daemon, self._images, self._settings = daemon, images, settings
        self._options, self._access = options, access
        self._keys: dict[Target, str] = {}
        self._lock = threading.Lock()

    def identity(self, target: Target) -> Digest:
        """Of the image (by its registry's digest, or by what its Dockerfile is made of), the settings and this code.

        Nothing is pulled for it where the registry can be asked.
        """
        with self._lock:
            if target not in self._keys:
                self._keys[target] = self._images.key(target)
        kept = [pair for pair in self._options.environment if pair[0].lower() not in _WITHOUT_EFFECT]
        options = replace(self._options, environment=tuple(kept))
        written = [str(getattr(options, name)) for name in options.__slots__]
        settings = [self._settings.graft, self._settings.ssh]
        return key_of("image", _REVISION, digest_bytes(driver_source()), self._keys[target], target, written, settings)

    def build(self, task: BuildTask, into: Path) -> BuiltWheel:
        """Build one wheel in a container of its own, which is gone whatever happens."""
        variables = dict([*self._options.environment, *self._access.environment])
        with self.container(task.target, task.say, task.log, task.stop) as (container, image):
            if self._access.files:
                with self._access.archive() as archive:
                    container.put(archive)
            steps = Steps(container, task, image.reference, variables)
            wheel = steps.build(into)
            if self._settings.graft:
                wheel = steps.graft(wheel, into)
        return BuiltWheel(wheel, image=image.digest)

    @contextmanager
    def container(
        self, target: Target, say: Callable[[str], None], log: Path | None, stop: Event
    ) -> Iterator[tuple[Container, Image]]:
        """A container of the target's image, gone when the block is left or `stop` is set.

        Raises MachineError where the image cannot be had or run, SlspackError where its Dockerfile cannot be built.
        """
        image = self._images.ready(target, say, log)
        platform = self._foreign_platform(image, target)
        try:
            with running(self._daemon, image.id, self._options, self._access.binds, platform, stop) as container:
                yield container, image
        except NotThereError as problem:
            raise self._cannot_run(image, target, str(problem)) from problem

    def extra_files(self, target: Target, into: Path) -> tuple[Path, ...]:
        """Copy the settings' extra files out of the image into a folder. Raises SlspackError for those it lacks."""
        if not self._settings.extra_files:
            return ()
        image = self._images.ready(target, lambda _: None, None)
        with created(self._daemon, image.id, self._options, self._foreign_platform(image, target)) as container:
            return copy_extra_files(self._daemon, container, self._settings.extra_files, into)

    def _foreign_platform(self, image: Image, target: Target) -> str | None:
        """Said only where it is not the daemon's own: old daemons do not take it. Raises ConfigError for a misfit."""
        platform = platform_of(target)
        wanted = platform.partition("/")[2]
        if image.architecture not in ("", wanted):
            message = f"the image `{image.reference}` is for {image.architecture}, and {target} needs {wanted}"
            hint = f"`docker pull --platform {platform} {image.reference}`, or choose another image"
            raise ConfigError.of(Code.IMAGE_UNFIT, message, hint=hint)
        return None if self._daemon.architecture() == wanted else platform

    def _cannot_run(self, image: Image, target: Target, detail: str) -> SlspackError:
        message = f"the image `{image.reference}` cannot be run: {detail}"
        foreign = self._foreign_platform(image, target) is not None
        hint = _EMULATION if foreign else "an image needs a shell (`/bin/sh`), a Python and what compiles extensions"
        return MachineError.of(Code.IMAGE_UNFIT, message, hint=hint)

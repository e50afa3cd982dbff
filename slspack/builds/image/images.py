"""Which image a target's wheels are built in: found, pulled or built, and what identifies it."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slspack.builds.image.daemon import NotThereError
from slspack.builds.image.failures import disk_full, speaks_of_space
from slspack.builds.image.options import image_options
from slspack.codes import Code
from slspack.errors import ConfigError, MachineError, SlspackError
from slspack.keys import digest_file, key_of
from slspack.model import Architecture
from slspack.targets import runtime_facts
from slspack.tree import OWN_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from slspack.builds.image.daemon import Daemon
    from slspack.builds.image.options import ImageOptions
    from slspack.model import Digest, ImageSettings, Target

_PLATFORMS = {Architecture.X86_64: "linux/amd64", Architecture.ARM64: "linux/arm64"}
_BUILT = "slspack-build"
_TAIL = 15
_ARG = re.compile(r"\s*ARG\s+(\S+)", re.IGNORECASE)
_FROM = re.compile(r"\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
_UNKNOWN_TO_REGISTRY = ("not found", "manifest unknown", "does not exist", "no such manifest")


def platform_of(target: Target) -> str:
    """As Docker spells it: `linux/arm64`."""
    return _PLATFORMS[target.architecture]


def default_images(target: Target) -> tuple[str, ...]:
    """AWS's own images for a runtime: the one with compilers, and the runtime itself where that one is gone."""
    facts = runtime_facts(target.runtime)
    if facts is None:
        return ()
    architecture, minor = target.architecture.value, f"{target.python[0]}.{target.python[1]}"
    return (
        f"{facts.build_image}:latest-{architecture}",
        f"{facts.runtime_image}:{minor}-{architecture}",
    )


def split_reference(reference: str) -> tuple[str, str]:
    """The repository, and the tag or digest (`latest` where none is written)."""
    repository, at, digest = reference.partition("@")
    if at:
        return repository.rpartition(":")[0] if ":" in repository.rpartition("/")[2] else repository, digest
    head, colon, tag = reference.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (reference, "latest")


@dataclass(frozen=True, slots=True)
class Context:
    """A Dockerfile with the folder that it lies in, and how it is to be built."""

    folder: Path
    dockerfile: str
    options: ImageOptions

    def files(self) -> list[str]:
        """What goes to the daemon, relative to the folder: all but what `.dockerignore` names, and slspack's own."""
        from slspack.builds.image.daemon import excluded_from

        try:
            patterns = (self.folder / ".dockerignore").read_text("utf-8").splitlines()
        except FileNotFoundError:
            patterns = []
        stripped = [line.strip() for line in patterns if line.strip() and not line.startswith("#")]
        return excluded_from(self.folder, [*stripped, OWN_FOLDER], self.dockerfile)

    def places(self) -> Iterator[Path]:
        """The files that the image depends on, the folders whose names matter, and `.dockerignore`, there or not."""
        folders = {self.folder}
        for name in self.files():
            path = self.folder / name
            if path.is_dir() and not path.is_symlink():
                folders.add(path)
            else:
                yield path
                folders.add(path.parent)
        yield from sorted(folders)
        yield self.folder / ".dockerignore"

    def bases(self) -> list[str]:
        """The images that the Dockerfile starts from, as far as their names can be told: `FROM`, with `ARG` put in."""
        text = (self.folder / self.dockerfile).read_text("utf-8", "replace")
        given, known, found = dict(self.options.arguments), dict[str, str](), list[str]()
        stages = {"scratch"}
        for line in text.splitlines():
            if argument := _ARG.match(line):
                name, _, default = argument[1].partition("=")
                known[name] = given.get(name, default.strip("\"'"))
            if start := _FROM.match(line):
                base = _VARIABLE.sub(lambda match: known.get(match[1], ""), start[1])
                if base.lower() not in stages:
                    found.append(base)
                stages.add((start[2] or "").lower())
        return found

    def key(self, target: Target) -> Digest:
        """What the image is made of, without the images that its Dockerfile starts from: known without a daemon."""
        contents = []
        for name in self.files():
            path = self.folder / name
            if path.is_symlink():
                contents.append((name, str(path.readlink())))
            elif path.is_file():
                contents.append((name, f"{digest_file(path)} {path.stat().st_mode & 0o111 != 0}"))
        parts = [str(getattr(self.options, name)) for name in self.options.__slots__]
        return key_of("docker-context", self.dockerfile, contents, parts, platform_of(target))


def find_context(settings: ImageSettings, root: Path, environment: Mapping[str, str]) -> Context | None:
    """The user's Dockerfile; None where there is none. Raises ConfigError where it is named and not there."""
    if settings.file is None:
        return None
    path = root / settings.file
    if not path.is_file():
        hint = "name a Dockerfile relative to the service, or an image by `image`"
        raise ConfigError.of(Code.IMAGE_NOT_BUILT, f"the Dockerfile `{settings.file}` does not exist", hint=hint)
    options = image_options(settings.build_options, settings.build_arguments, environment)
    return Context(path.parent, path.name, options)


@dataclass(frozen=True, slots=True)
class Image:
    """An image that the daemon has, and the digest that people know it by."""

    id: str
    digest: str
    reference: str
    architecture: str


@dataclass(slots=True)
class Images:
    """The images of one run. Each is found once, whichever of several builds comes first."""

    daemon: Daemon
    settings: ImageSettings
    context: Context | None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _found: dict[Target, Image] = field(default_factory=dict)

    def key(self, target: Target) -> str:
        """What identifies the image, found without pulling or building it where that is possible."""
        if self.context is not None:
            return self._context_key(self.context, target)
        for reference in self._references(target):
            found = self.daemon.image(reference)
            if found is not None:
                return _known_by(found.digests, found.id)
            digest = self.daemon.registry_digest(reference)
            if digest is not None:
                return digest
        return self.ready(target, lambda _: None, None).digest

    def ready(self, target: Target, say: Callable[[str], None], log: Path | None) -> Image:
        """The image, on the daemon: pulled or built if it is not there yet.

        Raises SlspackError where a Dockerfile cannot be built, MachineError where an image cannot be pulled.
        """
        with self._lock:
            if target not in self._found:
                context = self.context
                self._found[target] = self._built(context, target, say, log) if context else self._pulled(target, say)
            return self._found[target]

    def _context_key(self, context: Context, target: Target) -> Digest:
        """The key of the context, and of the images that it starts from where they can be told: they may be renewed."""
        return key_of("docker-image", context.key(target), [self._base_key(base) for base in context.bases()])

    def _base_key(self, base: str) -> str | None:
        found = self.daemon.image(base)
        return _known_by(found.digests, found.id) if found else self.daemon.registry_digest(base)

    def _references(self, target: Target) -> tuple[str, ...]:
        return (self.settings.image,) if self.settings.image is not None else default_images(target)

    def _pulled(self, target: Target, say: Callable[[str], None]) -> Image:
        references = self._references(target)
        for number, reference in enumerate(references):
            image = self._local(reference)
            if image is not None:
                return image
            say(f"pulling the image {reference}")
            try:
                self.daemon.pull(*split_reference(reference), platform_of(target), say)
            except NotThereError as problem:
                unknown = any(words in str(problem).lower() for words in _UNKNOWN_TO_REGISTRY)
                if unknown and number + 1 < len(references):
                    continue
                raise _unavailable(reference, str(problem)) from problem
            image = self._local(reference)
            if image is not None:
                return image
        raise _unavailable(", ".join(references), "it is not there after it was pulled")

    def _local(self, reference: str) -> Image | None:
        found = self.daemon.image(reference)
        if found is None:
            return None
        return Image(found.id, _known_by(found.digests, found.id), reference, found.architecture)

    def _built(self, context: Context, target: Target, say: Callable[[str], None], log: Path | None) -> Image:
        tag = f"{_BUILT}:{self._context_key(context, target)[:32]}"
        image = self._local(tag) if context.options.cache and not context.options.pull else None
        if image is not None:
            return image
        say(f"building the image of {context.dockerfile}")
        lines: list[str] = []
        try:
            for text in self.daemon.build_image(
                str(context.folder), context.dockerfile, tag, platform_of(target), context.options
            ):
                lines.append(text)
                if text.startswith("Step "):
                    say(text.strip())
        except NotThereError as problem:
            raise _not_built(context, str(problem), "".join(lines)) from problem
        finally:
            _append(log, "".join(lines))
        image = self._local(tag)
        if image is None:
            raise _not_built(context, "the daemon does not have what it built", "".join(lines))
        return image


def _known_by(digests: tuple[str, ...], identifier: str) -> str:
    """A pulled image is known by the registry's digest of it, one that was made here by its own."""
    return digests[0].rpartition("@")[2] if digests else identifier


def _append(log: Path | None, text: str) -> None:
    if log is not None:
        with log.open("a", encoding="utf-8") as stream:
            stream.write(text)


def _unavailable(reference: str, detail: str) -> SlspackError:
    if speaks_of_space(detail):
        return disk_full(detail)
    hint = "check the name and the network; for a private registry, `docker login` on this machine is enough"
    return MachineError.of(Code.IMAGE_UNAVAILABLE, f"the image `{reference}` cannot be pulled: {detail}", hint=hint)


def _not_built(context: Context, detail: str, printed: str) -> SlspackError:
    if speaks_of_space(f"{detail}\n{printed}"):
        return disk_full(detail)
    tail = [line.rstrip() for line in printed.splitlines() if line.strip()][-_TAIL:]
    message = "\n".join(
        [f"the image of `{context.dockerfile}` cannot be built: {detail}", *(f"  {line}" for line in tail)]
    )
    needs_buildkit = "--mount" in f"{detail}{printed}" or "buildkit" in detail.lower()
    hint = (
        "the SDK has Docker's classic builder only: build the image with `docker build` and name it by `image`"
        if needs_buildkit
        else f"`docker build -f {context.dockerfile} .` in its folder shows the same"
    )
    return SlspackError.of(Code.IMAGE_NOT_BUILT, message, hint=hint)

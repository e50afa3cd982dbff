"""What `dockerBuildCmdExtraArgs` and `dockerRunCmdExtraArgs` say, as far as the daemon's API can be told it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.frozen import dataclass
from slspack.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_SHORT = {"-e": "--env", "-v": "--volume", "-u": "--user", "-m": "--memory", "--net": "--network"}
_RUN_VALUES = frozenset(
    {
        "--add-host",
        "--cap-add",
        "--cap-drop",
        "--cpus",
        "--dns",
        "--env",
        "--env-file",
        "--memory",
        "--network",
        "--platform",
        "--security-opt",
        "--shm-size",
        "--user",
        "--volume",
    }
)
_RUN_IDLE = frozenset({"--rm", "--init", "--interactive", "--tty", "-i", "-t", "-it", "-ti", "--quiet", "-q"})
_BUILD_VALUES = frozenset(
    {"--add-host", "--build-arg", "--cache-from", "--label", "--network", "--platform", "--shm-size", "--target"}
)
_BUILD_IDLE = frozenset({"--quiet", "-q", "--rm", "--force-rm"})
_BUILDKIT = "the SDK builds with Docker's classic builder; build the image yourself and name it by `image`"
_INSTEAD = {
    "--allow": _BUILDKIT,
    "--build-context": _BUILDKIT,
    "--builder": _BUILDKIT,
    "--cache-to": _BUILDKIT,
    "--entrypoint": "slspack runs steps of its own in the container",
    "--file": "name the Dockerfile by `file`",
    "-f": "name the Dockerfile by `file`",
    "--load": _BUILDKIT,
    "--mount": "use `--volume SOURCE:TARGET`",
    "--name": "slspack names its containers itself, so that several builds can go on at a time",
    "--output": _BUILDKIT,
    "--progress": _BUILDKIT,
    "--push": _BUILDKIT,
    "--secret": _BUILDKIT,
    "--ssh": _BUILDKIT,
    "--tag": "slspack names the image by what it is made of",
    "-t": "slspack names the image by what it is made of",
    "--workdir": "the source has a fixed place in the container",
    "-w": "the source has a fixed place in the container",
}


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a container is run, besides what slspack says of it."""

    environment: tuple[tuple[str, str], ...] = ()
    volumes: tuple[str, ...] = ()
    """`SOURCE:TARGET:MODE`; read-only unless the user wrote `rw`."""
    network: str | None = None
    user: str | None = None
    platform: str | None = None
    hosts: tuple[tuple[str, str], ...] = ()
    dns: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    dropped_capabilities: tuple[str, ...] = ()
    security: tuple[str, ...] = ()
    memory: str | None = None
    shared_memory: str | None = None
    cpus: float | None = None
    privileged: bool = False


@dataclass(frozen=True, slots=True)
class ImageOptions:
    """How an image is built, besides its Dockerfile."""

    arguments: tuple[tuple[str, str], ...] = ()
    stage: str | None = None
    network: str | None = None
    platform: str | None = None
    hosts: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    cache_from: tuple[str, ...] = ()
    shared_memory: str | None = None
    cache: bool = True
    pull: bool = False


def run_options(written: Iterable[str], root: Path, environment: Mapping[str, str]) -> RunOptions:
    """The options of `docker run` that the API has too. Raises ConfigError naming every other."""
    found = _Found("dockerRunCmdExtraArgs", written, _RUN_VALUES, _RUN_IDLE | {"--privileged"})
    pairs = [*found.pairs("--env", environment), *_from_files(found, root)]
    options = RunOptions(
        environment=tuple(pairs),
        volumes=tuple(filter(None, (_volume(found, one, root) for one in found.all("--volume")))),
        network=found.last("--network"),
        user=found.last("--user"),
        platform=found.last("--platform"),
        hosts=tuple(found.split("--add-host", ":=")),
        dns=found.all("--dns"),
        capabilities=found.all("--cap-add"),
        dropped_capabilities=found.all("--cap-drop"),
        security=found.all("--security-opt"),
        memory=found.last("--memory"),
        shared_memory=found.last("--shm-size"),
        cpus=found.number("--cpus"),
        privileged=found.has("--privileged"),
    )
    found.check()
    return options


def image_options(
    written: Iterable[str], arguments: Iterable[tuple[str, str]], environment: Mapping[str, str]
) -> ImageOptions:
    """The options of `docker build` that the API has too, with build arguments from the settings before them.

    Raises ConfigError naming every other.
    """
    found = _Found("dockerBuildCmdExtraArgs", written, _BUILD_VALUES, _BUILD_IDLE | {"--no-cache", "--pull"})
    options = ImageOptions(
        arguments=(*arguments, *found.pairs("--build-arg", environment)),
        stage=found.last("--target"),
        network=found.last("--network"),
        platform=found.last("--platform"),
        hosts=tuple(found.split("--add-host", ":=")),
        labels=tuple(found.split("--label", "=")),
        cache_from=found.all("--cache-from"),
        shared_memory=found.last("--shm-size"),
        cache=not found.has("--no-cache"),
        pull=found.has("--pull"),
    )
    found.check()
    return options


class _Found:
    """Options as written, taken apart; what cannot be understood is collected until `check`."""

    def __init__(self, setting: str, written: Iterable[str], values: frozenset[str], flags: frozenset[str]) -> None:
        self._setting = setting
        self._values: list[tuple[str, str]] = []
        self._flags: set[str] = set()
        self._findings: list[Finding] = []
        words = _words(written)
        refused = False
        for word in words:
            if refused and not word.startswith("-"):
                continue  # the value of an option that is refused already
            refused = False
            name, equals, value = word.partition("=") if word.startswith("--") else _short(word, values)
            name = _SHORT.get(name, name)
            if name in flags and not equals:
                self._flags.add(name)
            elif name in values:
                given = value if equals else next(words, None)
                if given is None:
                    self.wrong(f"`{word}` has no value")
                else:
                    self._values.append((name, given))
            else:
                self.wrong(f"`{word}` cannot be passed on to the Docker daemon", _INSTEAD.get(name))
                refused = not equals

    def wrong(self, message: str, hint: str | None = None) -> None:
        """Remember what is wrong with one option."""
        hint = hint or "docs/guides/build-images.md lists the options that can be"
        self._findings.append(Finding(Code.DOCKER_OPTION, Severity.ERROR, f"{self._setting}: {message}", None, hint))

    def check(self) -> None:
        """Raise ConfigError where anything was wrong."""
        if self._findings:
            raise ConfigError(self._findings)

    def has(self, name: str) -> bool:
        return name in self._flags

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for given, value in self._values if given == name)

    def last(self, name: str) -> str | None:
        return next(reversed(self.all(name)), None)

    def number(self, name: str) -> float | None:
        value = self.last(name)
        try:
            return None if value is None else float(value)
        except ValueError:
            self.wrong(f"`{name} {value}` is no number")
            return None

    def pairs(self, name: str, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """`NAME=VALUE`; a bare NAME has the value that it has here, and is left out where it has none."""
        for written in self.all(name):
            key, equals, value = written.partition("=")
            if equals:
                yield key, value
            elif key in environment:
                yield key, environment[key]

    def split(self, name: str, separators: str) -> Iterator[tuple[str, str]]:
        for written in self.all(name):
            at = next((place for place, letter in enumerate(written) if letter in separators), None)
            if at is None:
                self.wrong(f"`{name} {written}` lacks `{separators[0]}`")
            else:
                yield written[:at], written[at + 1 :]


def _words(written: Iterable[str]) -> Iterator[str]:
    """Each entry is one word for `docker`; `--build-arg A=1` written as one entry is meant as two."""
    for entry in written:
        starts_option = entry.startswith("-") and any(letter.isspace() for letter in entry.partition("=")[0])
        yield from shlex.split(entry) if starts_option else [entry]


def _short(word: str, values: frozenset[str]) -> tuple[str, str, str]:
    """`-eA=1` and `-uroot` are `-e A=1` and `-u root`."""
    if len(word) > 2 and _SHORT.get(word[:2]) in values:
        return word[:2], "=", word[2:].removeprefix("=")
    return word, "", ""


def _volume(found: _Found, written: str, root: Path) -> str | None:
    """A bind mount is read-only unless `rw` is asked for: a container's root would leave files that are root's."""
    source, _, rest = written.partition(":")
    target, _, mode = rest.partition(":")
    if not source or not target.startswith("/"):
        found.wrong(f"`--volume {written}` is not of the form SOURCE:TARGET[:MODE]")
        return None
    place = source if source.startswith("/") else str(root / source) if source.startswith(".") else source
    modes = [one for one in mode.split(",") if one]
    if not {"ro", "rw"} & set(modes):
        modes.append("ro")
    return f"{place}:{target}:{','.join(modes)}"


def _from_files(found: _Found, root: Path) -> Iterator[tuple[str, str]]:
    for name in found.all("--env-file"):
        try:
            lines = (root / name).read_text("utf-8").splitlines()
        except OSError as problem:
            found.wrong(f"`--env-file {name}` cannot be read: {problem.strerror}")
            continue
        for line in lines:
            key, equals, value = line.strip().partition("=")
            if equals and not key.startswith("#"):
                yield key, value

"""How a wheel that no index has is to be built, and what is known of one that was."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.model.finding import Location
    from slspack.model.names import Digest, DistName
    from slspack.model.target import Target


class BuilderChoice(Enum):
    """Who builds what has no fitting wheel: `builder`, and `builders` for one distribution."""

    AUTO = "auto"
    """In isolation where nothing has to be compiled, else in an image if a daemon answers, else by cross-compiling."""
    DOCKER = "docker"
    CROSS = "cross"
    HOST = "host"
    """With whatever compilers and libraries this machine has: right only on a machine like the runtime."""
    NONE = "none"
    """Nobody: a distribution without a fitting wheel is an error."""


@dataclass(frozen=True, slots=True)
class BuilderRule:
    """`builders` for one distribution."""

    name: DistName
    choice: BuilderChoice
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """The image that wheels are built in. `image` and `file` exclude each other; neither is the runtime's own image."""

    image: str | None = None
    """`name:tag` or `name@sha256:…`."""
    file: str | None = None
    """A Dockerfile, relative to the service."""
    build_arguments: tuple[tuple[str, str], ...] = ()
    environment: tuple[str, ...] = ()
    """Names of this machine's variables that a build inside sees."""
    network: bool = False
    """Whether a build inside may reach the network. Without it, its requirements are brought in as wheels."""
    ssh: bool = False
    """Whether a build that fetches for itself may use the SSH agent, the key and the known hosts of this user."""
    private_key: str | None = None
    """Another key than the user's default one; absolute."""
    extra_files: tuple[str, ...] = ()
    """Files of the image that go into the artifact's root: shared libraries."""
    build_options: tuple[str, ...] = ()
    """`dockerBuildCmdExtraArgs`, as they are written."""
    run_options: tuple[str, ...] = ()
    """`dockerRunCmdExtraArgs`, as they are written."""
    graft: bool = True
    """Whether shared libraries that a built wheel needs and the runtime lacks are put into the wheel."""


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """How a service's distributions without a fitting wheel are built."""

    builder: BuilderChoice = BuilderChoice.AUTO
    rules: tuple[BuilderRule, ...] = ()
    image: ImageSettings = ImageSettings()

    def choice_for(self, name: DistName) -> BuilderChoice:
        """The distribution's own choice, else the service's."""
        return next((rule.choice for rule in self.rules if rule.name == name), self.builder)

    def has_choice_for(self, name: DistName) -> bool:
        """Whether the distribution has a builder of its own."""
        return any(rule.name == name and rule.choice is not BuilderChoice.AUTO for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a built wheel came to be: what the manifest says of it, and what a rebuild has to repeat."""

    builder: str
    """`isolated`, `docker`, `cross` or `host`; `first-party` for the metadata of a package that is traced;
    `PLUGIN/NAME` for a builder of a plugin's."""
    source: str
    """What it was built from: an sdist's file name, `git+https://…@commit`, a folder relative to the service."""
    source_digest: Digest
    """sha256 of the sdist's file, or of the normalised tree of anything else."""
    image: str | None = None
    """The image's digest, where there was one."""
    compiler: str | None = None
    """`ziglang 0.15.1`, where one was brought along."""
    target: Target | None = None
    """What it was built for, and would be built for again; a pure wheel serves others, too."""

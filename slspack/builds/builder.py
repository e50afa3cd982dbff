"""What a builder is given and gives back, whichever builder it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from threading import Event

    from slspack.model import BuildSettings, Digest, DistName, Target
    from slspack.registry import IndexConfiguration


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where builds on this machine get their requirements and variables from."""

    configuration: IndexConfiguration
    environment: Mapping[str, str]


class RequirementWheels(Protocol):
    """Where a builder gets its build requirements as wheels. The host downloads them: builders need no credentials."""

    def __call__(self, requirements: Sequence[str], target: Target) -> Sequence[Path]:
        """Wheels, for the target, of these requirements (PEP 508) and of all that they need. Raises SlspackError."""


@dataclass(frozen=True, slots=True)
class BuildTask:
    """One wheel to be built."""

    name: DistName
    version: str | None
    """None where only building tells."""
    label: str
    """For people and for the log's name: `psycopg2 2.9.10`."""
    source: Path
    """The unpacked source tree, with `pyproject.toml` or `setup.py`: a private copy, in which a build may write."""
    target: Target
    requirements: RequirementWheels
    log: Path
    """The file that takes everything that the build prints. It stays where the build fails."""
    say: Callable[[str], None]
    """Called with a line for people while it runs."""
    stop: Event
    """Set where the user interrupts: a build runs in a thread, which no KeyboardInterrupt reaches."""


@dataclass(frozen=True, slots=True)
class BuiltWheel:
    """The wheel that came out, and what made it."""

    path: Path
    image: str | None = None
    compiler: str | None = None


class Builder(Protocol):
    """Builds wheels for a target. Opened once for a run; several builds may go on at a time, in threads."""

    @property
    def name(self) -> str:
        """As the manifest names it: `isolated`, `docker`, `cross`, `host`."""

    def identity(self, target: Target) -> Digest:
        """The key of all that decides a build's bytes besides its source: image, compiler, settings, this code.

        Raises MachineError where this machine lacks what the builder needs.
        """

    def build(self, task: BuildTask, into: Path) -> BuiltWheel:
        """Build one wheel into a folder. SOURCE_DATE_EPOCH is set and paths of the machine are mapped away.

        Raises SlspackError where the build fails, with the tail of its log (`build_failed`); MachineError where the
        machine does; StoppedError soon after `task.stop` is set, or KeyboardInterrupt: then no process and no container
        is left.
        """


@dataclass(frozen=True, slots=True)
class BuildPlace:
    """Where a run's builders work."""

    root: Path
    """The service's folder."""
    settings: BuildSettings
    workplace: Workplace
    """The environment's variables, and how indexes are asked."""


@dataclass(frozen=True, slots=True)
class OfferedBuilder:
    """A builder that may be asked. It is opened once for a run, when it is first wanted."""

    name: str
    open: Callable[[BuildPlace], Builder | None]
    """None where it is not worth trying on this machine; MachineError where the user should be told what is lacking."""


class StoppedError(Exception):
    """The build was ended early because `BuildTask.stop` was set."""

"""What the pipeline touches the world with: the store, the indexes, the user's environment."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from slspack.looks import Looks
from slspack.store import limits_of, open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from slspack.builds.image import ImageBuilder
    from slspack.container import ImageWriter
    from slspack.model import DistName, Entry, LocalPackage, LockedDistribution, Service, Target, WheelFacts
    from slspack.progress import Progress
    from slspack.registry import Credentials, IndexConfiguration, RegistrySession
    from slspack.resolve import LockFileUse, ResolveContext, Upgrade
    from slspack.resolve.backends import ResolveHooks
    from slspack.trace import StoredWheelImports
    from slspack.tree import ServiceTree
    from slspack.wheels import FetchProgress, WheelSource


class Edges:
    """The same for a whole run; nothing is opened, asked or even imported before it is used."""

    def __init__(
        self,
        tree: ServiceTree,
        service: Service,
        environment: Mapping[str, str],
        progress: Progress,
        hooks: ResolveHooks,
        upgrade: Upgrade | None = None,
        lock_file: LockFileUse | None = None,
    ) -> None:
        """Raises ConfigError if the environment's bound for the store is none."""
        self.store = open_store(service.cache, tree.root, environment)
        self.limits = limits_of(service.cache, environment)
        """Within which the store is kept after a build."""
        self.looks = Looks()
        """What was looked at to resolve and to find the indexes."""
        self._tree, self._environment, self._progress = tree, environment, progress
        self._service = service
        self._packages: frozenset[str] = frozenset()
        self._indexes = service.indexes
        self._upgrade, self._lock_file, self._build, self._hooks = upgrade, lock_file, service.build, hooks
        self._image_builder: ImageBuilder | None = None

    def take_in(self, packages: Iterable[LocalPackage]) -> None:
        """Let local packages be read as first-party source, wherever they are, and not be built."""
        self._packages = frozenset(package.folder for package in packages)
        for package in packages:
            self._tree.admit(package.folder)
        if "resolving" in self.__dict__:
            self.resolving.traced.update(self._packages)

    @cached_property
    def wheels(self) -> WheelSource:
        """Where wheels come from."""
        from slspack.wheels import WheelSource, Work

        def tell(fetched: FetchProgress) -> None:
            if fetched.work is Work.WHEELS:
                self._progress.transfer(fetched.bytes, fetched.bytes_total)

        def rebuild(wheels: Sequence[LockedDistribution]) -> None:
            self.resolving.indexes(self._configuration).workshop.again(wheels)

        return WheelSource(self.store, self._session, tell, rebuild)

    @cached_property
    def resolving(self) -> ResolveContext:
        """What resolving needs."""
        from slspack.resolve import LockFileUse, ResolveContext, Upgrade

        return ResolveContext(
            self._tree,
            self._configuration,
            self._environment,
            self.store,
            self._upgrade or Upgrade.KEEP,
            self._lock_file or LockFileUse.READ,
            self._progress.stage,
            self._build,
            self.looks,
            set(self._packages),
            self._hooks,
            self._indexes.prereleases,
            self._learn,
        )

    def extra_files(self, target: Target, known: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """The files that the service's settings want of the image, from the store as a rule.

        `known` are those of the last build, where nothing that they depend on changed. Raises SlspackError for files
        that the image lacks, MachineError where a daemon is needed and none answers.
        """
        settings = self._build.image
        if not settings.extra_files:
            return ()
        from slspack.builds.image import context_key, extra_entries, open_image_builder, still_kept

        if known and still_kept(known, self.store):
            return known
        environment = self.looks.environment(self._environment)
        context_key(settings, target, self._tree.root, environment, self.looks)
        if self._image_builder is None:
            self._image_builder = open_image_builder(settings, self._tree.root, self._environment)
        return extra_entries(self._image_builder, settings, target, self.store)

    @cached_property
    def images(self) -> ImageWriter:
        """What makes container images."""
        from slspack.container import ImageWriter

        return ImageWriter(self._service, self._environment, self._progress.stage)

    def wheel_imports(self, facts: Mapping[DistName, WheelFacts], target: Target) -> StoredWheelImports:
        """What the wheels of one lock import, fetched when it is asked for."""
        from slspack.trace import StoredWheelImports

        def fetch(wheels: Sequence[LockedDistribution], /) -> Mapping[DistName, Path]:
            paths = self.wheels.fetch(wheels)
            return {wheel.name: paths[wheel.wheel.sha256] for wheel in wheels}

        return StoredWheelImports(fetch, facts, self.store, target)

    def wheel(self, wheel: LockedDistribution) -> Path:
        """The file of a wheel in the store, fetched if it is not there."""
        return self.wheels.fetch([wheel])[wheel.wheel.sha256]

    @cached_property
    def _session(self) -> RegistrySession:
        from slspack.registry import RegistrySession

        return RegistrySession(self._configuration)

    def _learn(self, credentials: Credentials) -> None:
        """Wheels are fetched with the logins that a project's own files have for its indexes, too."""
        self._session.learn_all(credentials)

    @cached_property
    def _configuration(self) -> IndexConfiguration:
        from slspack.registry import load_index_configuration
        from slspack.registry.pip_files import pip_files

        for path in pip_files(self._environment):
            self.looks.look(str(path), path)
        configuration = load_index_configuration(self._environment, self._tree.root)
        return configuration.ruled_by(self._indexes, self._tree.root)

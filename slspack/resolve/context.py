"""What resolving needs besides the requirements: the service's files, the indexes, and what was kept."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.looks import Looks
from slspack.model import BuildSettings
from slspack.registry import local_path
from slspack.resolve.backends import OwnResolving
from slspack.resolve.files import ServiceFiles
from slspack.resolve.kept import KeptLocks, RecentLocks
from slspack.resolve.problem import Upgrade
from slspack.resolve.sources import LockFileUse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slspack.builds.workshop import Workshop
    from slspack.model import RequirementSet, Target
    from slspack.registry import Credentials, IndexConfiguration, RegistrySession
    from slspack.resolve.backends import ResolveHooks
    from slspack.resolve.solving import Indexes
    from slspack.resolve.written import RequirementsRead
    from slspack.store import Store
    from slspack.tree import ServiceTree


def _learn_nothing(_: Credentials) -> None:
    """The memory of somebody who fetches no wheels."""


def _say_nothing(_: str) -> None:
    """The progress of somebody who does not listen."""


@dataclass(frozen=True, slots=True)
class ResolveContext:
    """The same for all the functions of a service. What indexes answer is remembered as long as it lives."""

    tree: ServiceTree
    configuration: IndexConfiguration
    environment: Mapping[str, str] = field(repr=False)
    store: Store
    upgrade: Upgrade = Upgrade.KEEP
    lock_file: LockFileUse = LockFileUse.READ
    progress: Callable[[str], None] = _say_nothing
    """Called with a line for people before anything that may take long."""
    build: BuildSettings = field(default_factory=BuildSettings)
    """How what has no fitting wheel is built."""
    looks: Looks = field(default_factory=Looks, repr=False, compare=False)
    """What was looked at besides the tree."""
    traced: set[str] = field(default_factory=set, repr=False, compare=False)
    """The folders of local packages that are traced as first-party source: only their metadata is needed."""
    hooks: ResolveHooks = field(default_factory=OwnResolving, repr=False, compare=False)
    """Who reads requirements and decides on versions."""
    prereleases: bool = False
    """Whether pre-releases count, whatever requirements files say."""
    learn: Callable[[Credentials], None] = _learn_nothing
    """Called with the logins that come from requirements."""
    _opened: dict[IndexConfiguration, Indexes] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def files(self) -> ServiceFiles:
        """Where requirement files are read from."""
        return ServiceFiles(self.tree, self.looks)

    @property
    def variables(self) -> Mapping[str, str]:
        """What `${NAME}` stands for in requirement files."""
        return self.looks.environment(self.environment)

    @property
    def kept(self) -> KeptLocks:
        """Where resolutions are kept: `.slspack/locks` in the service."""
        return KeptLocks(self.tree.root / ".slspack" / "locks")

    def image_key(self, target: Target) -> str:
        """What builds in an image depend on besides the settings; it is looked at, whether or not one is needed."""
        settings = self.build.image
        if settings.file is None and not settings.environment:
            return ""
        from slspack.builds.image import context_key

        return context_key(settings, target, self.tree.root, self.variables, self.looks)

    def recent(self, configuration: IndexConfiguration) -> RecentLocks:
        """What was resolved a few minutes ago, here or in another checkout."""
        named = [*configuration.find_links, configuration.index_url or "", *configuration.extra_index_urls]
        places = (local_path(one) for one in named if one)
        return RecentLocks(self.store, [self.tree.root / place for place in places if place is not None])

    def read(self, requirements: RequirementSet, lock_file: LockFileUse | None = None) -> RequirementsRead:
        """What a requirement set lists, with what plugins bring. Raises SlspackError with all that is wrong in it."""
        from slspack.resolve.reading import with_added

        use = self.lock_file if lock_file is None else lock_file
        read = self.hooks.read_requirements(requirements, self.files, self.variables, use)
        return with_added(read, requirements.added)

    def indexes(self, configuration: IndexConfiguration) -> Indexes:
        """A client for a configuration, which may be this one with a requirements file's options."""
        known = self._opened.get(configuration)
        if known is None:
            from slspack.registry import KeptPages, PackageIndexClient, RegistrySession
            from slspack.resolve.solving import Indexes
            from slspack.wheels import WheelSource

            session = RegistrySession(configuration)
            workshop = self._workshop(session)
            wheels = WheelSource(self.store, session, rebuild=workshop.again)
            kept = KeptPages(session, self.store, ask_again=self.upgrade is not Upgrade.KEEP)
            client = PackageIndexClient(session, kept)
            known = Indexes(client, wheels, workshop, self.store, self.traced)
            self._opened[configuration] = known
        return known

    def _workshop(self, session: RegistrySession) -> Workshop:
        from threading import Event

        from slspack.builds.builder import BuildPlace, Workplace
        from slspack.builds.git import Git
        from slspack.builds.lineup import Builders
        from slspack.builds.revisions import Revisions
        from slspack.builds.sources import Sources
        from slspack.builds.workshop import Workshop
        from slspack.resolve.buildneeds import BuildNeeds

        # What builds something is never itself built because `noBinary` says so: that would have no end.
        configuration, own = replace(session.configuration, no_binary=()), self.tree.root / ".slspack"
        stop = Event()
        revisions = Revisions(own / "locks" / "revisions.json", renew=self.upgrade is Upgrade.REFRESH)
        git = Git(self.environment, configuration.credentials, stop)
        sources = Sources(self.tree.root, self.store, session, revisions, git, self.looks, stop)
        place = BuildPlace(self.tree.root, self.build, Workplace(configuration, self.environment))
        builders = Builders(place, self.hooks)
        needs = BuildNeeds(self, configuration)
        return Workshop(self.build, sources, builders, self.store, needs, own / "logs", self.progress, stop)

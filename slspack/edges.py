"""What the pipeline touches the world with: the store, the indexes, the user's environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slspack.looks import Looks
from slspack.registry import RegistrySession, load_index_configuration, pip_files
from slspack.resolve import LockFileUse, ResolveContext, Upgrade
from slspack.store import Limits, Store, limits_of, open_store
from slspack.trace import StoredWheelImports
from slspack.wheels import WheelSource, Work

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from slspack.model import CacheSettings, DistName, LockedDistribution, Target, WheelFacts
    from slspack.progress import Progress
    from slspack.tree import ServiceTree
    from slspack.wheels import FetchProgress


@dataclass(frozen=True, slots=True)
class Edges:
    """The same for a whole run."""

    store: Store
    limits: Limits
    """Within which the store is kept after a build."""
    wheels: WheelSource
    resolving: ResolveContext

    def wheel_imports(self, facts: Mapping[DistName, WheelFacts], target: Target) -> StoredWheelImports:
        """What the wheels of one lock import, fetched when it is asked for."""

        def fetch(wheels: Sequence[LockedDistribution], /) -> Mapping[DistName, Path]:
            paths = self.wheels.fetch(wheels)
            return {wheel.name: paths[wheel.wheel.sha256] for wheel in wheels}

        return StoredWheelImports(fetch, facts, self.store, target)


def open_edges(
    tree: ServiceTree,
    cache: CacheSettings,
    environment: Mapping[str, str],
    progress: Progress,
    upgrade: Upgrade = Upgrade.KEEP,
    lock_file: LockFileUse = LockFileUse.READ,
) -> Edges:
    """Everything that a run may need of the world; nothing is opened or asked before it is used.

    Raises ConfigError if the environment's bound for the store is none.
    """
    store = open_store(cache, tree.root, environment)
    looks = Looks()
    for path in pip_files(environment):
        looks.look(str(path), path)
    configuration = load_index_configuration(environment, tree.root)

    def tell(fetched: FetchProgress) -> None:
        if fetched.work is Work.WHEELS:
            progress.transfer(fetched.bytes, fetched.bytes_total)

    return Edges(
        store=store,
        limits=limits_of(cache, environment),
        wheels=WheelSource(store, RegistrySession(configuration, environment), tell),
        resolving=ResolveContext(tree, configuration, environment, store, upgrade, lock_file, looks=looks),
    )

"""What the pipeline touches the world with: the store, the indexes, the user's environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slspack.registry import RegistrySession, load_index_configuration
from slspack.resolve import LockFileUse, ResolveContext, Upgrade
from slspack.store import Store, default_location
from slspack.trace import StoredWheelImports
from slspack.wheels import WheelSource, Work

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from slspack.model import DistName, LockedDistribution, Target, WheelFacts
    from slspack.progress import Progress
    from slspack.tree import ServiceTree
    from slspack.wheels import FetchProgress


@dataclass(frozen=True, slots=True)
class Edges:
    """The same for a whole run."""

    store: Store
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
    environment: Mapping[str, str],
    progress: Progress,
    upgrade: Upgrade = Upgrade.KEEP,
    lock_file: LockFileUse = LockFileUse.READ,
) -> Edges:
    """Everything that a run may need of the world; nothing is opened or asked before it is used."""
    store = Store(default_location(environment))
    configuration = load_index_configuration(environment, tree.root)

    def tell(fetched: FetchProgress) -> None:
        if fetched.work is Work.WHEELS:
            progress.transfer(fetched.bytes, fetched.bytes_total)

    return Edges(
        store=store,
        wheels=WheelSource(store, RegistrySession(configuration, environment), tell),
        resolving=ResolveContext(tree, configuration, environment, store, upgrade, lock_file),
    )

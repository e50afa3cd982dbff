"""From the configuration to `pylock.toml`: one file for each requirement set of a service, for all its targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.analysis import lock_groups
from slspack.config import load_service
from slspack.edges import Edges
from slspack.frozen import dataclass
from slspack.resolve import LockFileUse, Upgrade, lock_path, resolve, write_pylock
from slspack.tree import ServiceTree

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.model import Lock, RequirementSet
    from slspack.options import LoadOptions
    from slspack.progress import Progress


@dataclass(frozen=True, slots=True)
class WrittenLock:
    """A lock file of the service. `path` is relative to it."""

    path: str
    distributions: int
    changed: bool


def write_locks(folder: Path, load: LoadOptions, upgrade: Upgrade, progress: Progress) -> tuple[WrittenLock, ...]:
    """Resolve each requirement set for all targets of the functions that use it, and write its lock file.

    A file whose text would not change is left as it is. Raises SlspackError where requirements cannot be resolved.
    """
    progress.stage("load")
    service = load_service(folder, load)
    tree = ServiceTree(service.root)
    context = Edges(tree, service, load.environment, progress, upgrade, LockFileUse.IGNORE).resolving
    progress.stage("resolve")
    locks: dict[RequirementSet, list[Lock]] = {}
    for group in lock_groups(service):
        locks.setdefault(group.requirements, []).append(resolve(group.requirements, group.target, context))
    written = []
    for requirements, of_targets in locks.items():
        path = lock_path(requirements, context)
        text = write_pylock(of_targets, requirements, context).encode()
        changed = not tree.is_file(path) or tree.read(path) != text
        if changed:
            _replace(service.root / path, text)
        written.append(WrittenLock(path, len({d.name for lock in of_targets for d in lock.distributions}), changed))
    return tuple(written)


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.writing")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

"""What tests of the image builder share."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from slspack.builds import BuildTask
from slspack.model import dist_name
from tests.support.docker_host import wheels_from_registry

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.model import Target


def task_for(source: Path, target: Target, name: str, said: list[str] | None = None) -> BuildTask:
    """A build of a source tree, its log beside it."""
    return BuildTask(
        dist_name(name),
        "1.0",
        f"{name} 1.0",
        source,
        target,
        wheels_from_registry,
        source.parent / f"{name}.log",
        (said if said is not None else []).append,
        threading.Event(),
    )

"""A service in a folder, an index on loopback, and what is resolved from them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from slspack.model import BuildSettings, Digest, RequirementSet, Target
from slspack.registry import load_index_configuration
from slspack.resolve import LockFileUse, ResolveContext, Upgrade, resolve
from slspack.store import Store
from slspack.targets import parse_target
from slspack.tree import ServiceTree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

    from slspack.model import Lock


def target_of(runtime: str = "python3.13", architecture: str = "x86_64") -> Target:
    """The target of that runtime."""
    target = parse_target(runtime, architecture)
    assert target is not None
    return target


@dataclass(frozen=True)
class ServiceFolder:
    """A service below a temporary folder, with settings that reach only the index given."""

    root: Path
    scratch: Path
    environment: Mapping[str, str]

    @classmethod
    def make(cls, scratch: Path, index: str | None, **variables: str) -> ServiceFolder:
        """A new service whose index is `index`; without one, any request fails."""
        root = scratch / "service"
        root.mkdir(parents=True, exist_ok=True)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(scratch / "home"),
            "PIP_CONFIG_FILE": os.devnull,
            "UV_CACHE_DIR": str(scratch / "uv-cache"),
            "UV_HTTP_RETRIES": "0",
            "PIP_RETRIES": "0",
            "PIP_INDEX_URL": index or "http://127.0.0.1:9/simple/",
            **variables,
        }
        return cls(root, scratch, environment)

    def write(self, **contents: str) -> ServiceFolder:
        """Write files named as keywords: `requirements_txt`, `pyproject_toml`."""
        for name, content in contents.items():
            self.put(".".join(name.rsplit("_", 1)), content)
        return self

    def put(self, path: str, content: str | bytes) -> Path:
        """Write one file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def context(
        self,
        variables: Mapping[str, str] | None = None,
        *,
        upgrade: Upgrade = Upgrade.KEEP,
        lock_file: LockFileUse = LockFileUse.READ,
        build: BuildSettings | None = None,
    ) -> ResolveContext:
        """A context of its own, as a new process has it, with further environment variables."""
        environment = {**self.environment, **(variables or {})}
        configuration = replace(load_index_configuration(environment, self.root), retries=0)
        store = Store(self.scratch / "store")
        settings = build or BuildSettings()
        tree = ServiceTree(self.root)
        return ResolveContext(tree, configuration, environment, store, upgrade, lock_file, build=settings)

    def resolve(
        self, target: Target | None = None, context: ResolveContext | None = None, **requirements: object
    ) -> Lock:
        """Resolve for a target; further keywords are those of RequirementSet."""
        asked = RequirementSet(**requirements)  # type: ignore[arg-type]
        return resolve(asked, target or target_of(), context or self.context())


def pins(lock: Lock) -> list[str]:
    """`name==version` of each distribution."""
    return [f"{one.name}=={one.version}" for one in lock.distributions]


def wheels(lock: Lock) -> list[str]:
    """The file names of the wheels."""
    return [one.wheel.filename for one in lock.distributions]


def digest_of(text: str) -> Digest:
    """A made-up sha256."""
    return Digest((text.encode().hex() * 64)[:64])


WAYS = ("the newest", "uv")


def only_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let uv decide on everything, as where the newest versions contradict each other."""
    monkeypatch.setattr("slspack.resolve.newest.newest_together", lambda *_: None)

"""The registry that everybody uses, as this machine reaches it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from slspack.model import LockedDistribution, dist_name
from slspack.registry import PackageIndexClient, RegistrySession, files_of_version, load_index_configuration
from slspack.store import Kind, Store
from slspack.targets import parse_target
from slspack.wheels import WheelSource, read_facts, select_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.registry import IndexFile


@pytest.mark.registry
def test_facts_of_large_wheels_by_ranges(tmp_path: Path) -> None:
    """numpy and pandas for python3.13 on arm64: their facts are read without downloading them, and are right."""
    target = parse_target("python3.13", "arm64")
    assert target is not None
    session = RegistrySession(load_index_configuration(os.environ, tmp_path))
    store = Store(tmp_path / "store")
    source, client = WheelSource(store, session), PackageIndexClient(session)
    wheels = []
    for name in (dist_name("numpy"), dist_name("pandas")):
        files = client.files(name)
        version = newest(files)
        wheel = select_wheel(files_of_version(files, version), target)
        assert wheel is not None
        wheels.append(LockedDistribution(name, version, source.wheel_file(name, wheel)))
    facts = source.facts(wheels)
    assert [store.find(Kind.WHEEL, one.wheel.sha256) for one in wheels] == [None, None]
    assert len(facts[dist_name("numpy")].members) > 500
    assert any(line.startswith("numpy") for line in facts[dist_name("pandas")].requires_dist)
    paths = source.fetch(wheels)
    for one in wheels:
        sha256 = one.wheel.sha256
        assert read_facts(paths[sha256], sha256) == facts[one.name]


def newest(files: tuple[IndexFile, ...]) -> str:
    versions = [file.version for file in files if file.version is not None and file.yanked is None]
    return str(max(version for version in versions if not version.is_prerelease))

"""One service, two hosts that have as little in common as one machine allows, and one set of artifacts."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.support.example_services import REPOSITORY, Built, build, copy_example
from tests.support.interpreters import find_interpreter

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.registry, pytest.mark.interpreters]


@dataclass(frozen=True)
class Host:
    """What differs from one machine to another and must not show."""

    python: str
    folder: str
    umask: int
    timezone: str
    locale: str
    hash_seed: str
    order: int | None
    """The seed of the order in which the service's files are made; None for sorted."""


ONE = Host("3.11", "here/orders", 0o022, "UTC", "C", "1", None)
OTHER = Host("3.13", "a longer way/to the façade/orders", 0o077, "LINT-14", "C.UTF-8", "2", 20260924)


def run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """slspack itself, as its users install it."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", folder, REPOSITORY)
    (wheel,) = folder.glob("slspack-*.whl")
    return wheel


def install(wheel: Path, minor: str, folder: Path) -> Path:
    """An environment of that Python with slspack in it; returns its interpreter."""
    python = folder / "bin" / "python"
    run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", find_interpreter(minor), folder)
    run(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python, wheel)
    return python


def build_on(host: Host, wheel: Path, place: Path) -> Built:
    """Build `orders` as on that host, with a store of its own."""
    python = install(wheel, host.python, place / "venv")
    root = copy_example("orders", place / host.folder, seed=host.order, umask=host.umask)
    if host.order is not None:
        _touch(root, random.Random(host.order))
    environment = {
        "LC_ALL": host.locale,
        "PYTHONHASHSEED": host.hash_seed,
        "SLSPACK_CACHE_DIR": str(place / "store"),
        "TZ": host.timezone,
    }
    return build(root, python=python, environment=environment, umask=host.umask)


def _touch(root: Path, chance: random.Random) -> None:
    """Give every file a time of its own, some before the time that a zip can express."""
    for path in sorted(root.rglob("*")):
        time = chance.randrange(2_000_000_000)
        os.utime(path, (time, time))


def test_two_hosts_build_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    one = build_on(ONE, wheel, tmp_path / "one")
    other = build_on(OTHER, wheel, tmp_path / "other")
    assert len(one.functions) == 8
    assert one.hashes() == other.hashes()
    for name in one.functions:
        assert one.artifact(name).read_bytes() == other.artifact(name).read_bytes(), name


def test_the_hosts_do_differ() -> None:
    for field in Host.__dataclass_fields__:
        assert getattr(ONE, field) != getattr(OTHER, field), field

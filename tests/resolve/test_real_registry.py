"""The same against the registry that users have."""

from __future__ import annotations

import os

import pytest

from tests.support.resolving import ServiceFolder, pins, target_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.registry


@pytest.fixture
def service(tmp_path: Path) -> ServiceFolder:
    made = ServiceFolder.make(tmp_path, None)
    return ServiceFolder(made.root, made.scratch, dict(os.environ))


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_numpy_for_amazon_linux_2_goes_back_to_the_last_that_fits(service: ServiceFolder, architecture: str) -> None:
    lock = service.write(requirements_txt="numpy").resolve(target_of("python3.11", architecture))
    assert pins(lock) == ["numpy==2.2.6"]
    assert "manylinux_2_17" in lock.distributions[0].wheel.filename


def test_numpy_for_amazon_linux_2023_is_a_newer_one(service: ServiceFolder) -> None:
    (numpy,) = service.write(requirements_txt="numpy").resolve(target_of("python3.13")).distributions
    assert tuple(int(part) for part in numpy.version.split(".")[:2]) > (2, 2)
    assert "cp313-manylinux_2_2" in numpy.wheel.filename


def test_a_much_used_set_for_every_target(service: ServiceFolder) -> None:
    service.write(requirements_txt="pandas\ncryptography\npydantic\nrequests[socks]\nboto3\n")
    for runtime in ("python3.11", "python3.14"):
        for architecture in ("x86_64", "arm64"):
            lock = service.resolve(target_of(runtime, architecture))
            names = {one.name for one in lock.distributions}
            assert {"pandas", "numpy", "cffi", "pydantic-core", "pysocks", "botocore"} <= names

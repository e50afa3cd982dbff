"""Real projects with real build backends, from the registry that users have."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from slspack.store import Kind
from tests.support.projects import write_project
from tests.support.resolving import ServiceFolder, pins, target_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.registry


@pytest.fixture
def service(tmp_path: Path) -> ServiceFolder:
    made = ServiceFolder.make(tmp_path, None)
    return ServiceFolder(made.root, made.scratch, dict(os.environ))


def test_an_sdist_from_before_pyproject_toml(service: ServiceFolder) -> None:
    lock = service.write(requirements_txt="docopt==0.6.2\n").resolve(target_of("python3.13", "arm64"))
    (docopt,) = lock.distributions
    assert (docopt.version, docopt.wheel.filename) == ("0.6.2", "docopt-0.6.2-py2.py3-none-any.whl")
    assert docopt.built is not None
    assert docopt.built.source_digest == "49b3a825280bd66b3aa83585ef59c4a8c82f2c8a522dbe754a8bc8d08c85c491"
    wheel = service.context().store.path(Kind.WHEEL, docopt.wheel.sha256)
    asked = f"import sys; sys.path.insert(0, {str(wheel)!r}); import docopt; print(docopt.__version__)"
    done = subprocess.run([sys.executable, "-I", "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "0.6.2\n"


BACKENDS = {
    "setuptools": '[build-system]\nrequires = ["setuptools>=64"]\nbuild-backend = "setuptools.build_meta"\n',
    "hatchling": '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n',
    "flit": '[build-system]\nrequires = ["flit_core>=3.2"]\nbuild-backend = "flit_core.buildapi"\n',
    "poetry": '[build-system]\nrequires = ["poetry-core>=2"]\nbuild-backend = "poetry.core.masonry.api"\n',
    "uv": '[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n',
}
PROJECT = """\
[project]
name = "common"
version = "1.5"
description = "shared"
dependencies = ["six"]
"""


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_local_package_of_each_backend(service: ServiceFolder, backend: str) -> None:
    write_project(
        service.root / "common",
        {"pyproject.toml": BACKENDS[backend] + PROJECT, "src/common/__init__.py": '"""Shared."""\n'},
    )
    lock = service.write(requirements_txt="./common\n").resolve()
    assert [pin.partition("==")[0] for pin in pins(lock)] == ["common", "six"]
    common = lock.distributions[0]
    assert common.wheel.filename.endswith("-none-any.whl")
    with zipfile.ZipFile(service.context().store.path(Kind.WHEEL, common.wheel.sha256)) as wheel:
        assert "common/__init__.py" in wheel.namelist()

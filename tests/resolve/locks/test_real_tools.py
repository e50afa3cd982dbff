"""The tools from the registry, each in an environment of its own, lock the projects; what they write is read."""

from __future__ import annotations

import subprocess

import pytest

from slspack.registry import uv_executable
from tests.support.index import package_index
from tests.support.interpreters import find_interpreter
from tests.support.lock_projects import PROJECTS, TOOLS, LockProject, lock
from tests.support.lock_tools import INDEX, fill_index
from tests.support.resolving import ServiceFolder, target_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.index import PackageIndex

pytestmark = pytest.mark.registry

ASKED: dict[str, dict[str, object]] = {
    "uv-workspace": {"folder": "services/orders", "extras": ("fast",)},
    "uv-conflicts": {"extras": ("new",)},
    "uv-script": {"files": ("api.py",)},
    "uv-pylock": {},
    "uv-requirements": {},
    "pip-tools": {},
    "poetry-1.1": {},  # it had no groups yet
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    folder = tmp_path_factory.mktemp("index")
    fill_index(folder)
    with package_index(folder) as running:
        yield running


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment for each tool."""
    folder = tmp_path_factory.mktemp("tools")
    uv = uv_executable()
    python = str(find_interpreter("3.11"))
    for name, requirements in TOOLS.items():
        subprocess.run([uv, "venv", "-q", "--seed", "--python", python, str(folder / name)], check=True)
        place = str(folder / name / "bin/python")
        subprocess.run([uv, "pip", "install", "-q", "--python", place, *requirements.split()], check=True)
    return folder


@pytest.mark.parametrize("project", [one for one in PROJECTS if one.name != "uv-paths"], ids=lambda one: one.name)
def test_what_the_tool_writes_today_is_read_as_what_is_recorded(
    tmp_path: Path, index: PackageIndex, tools: Path, project: LockProject
) -> None:
    made = lock(project, tools, index.root, tmp_path / "projects")
    if project.lock != "uv.lock":
        (made / "uv.lock").unlink(missing_ok=True)  # an export leaves it beside what was asked for
    fresh = ServiceFolder(made, tmp_path, ServiceFolder.make(tmp_path, INDEX, PIP_PROXY=index.root).environment)
    recorded = ServiceFolder.make(tmp_path / "recorded", INDEX, PIP_PROXY=index.root)
    for path, content in project.files.items():
        recorded.put(path, content)
    recorded.put(project.lock, project.recorded.read_bytes())
    asked = ASKED.get(project.name, {"groups": ("worker",)})
    for target in (target_of("python3.13"), target_of("python3.11")):
        now, before = (service.resolve(target, **asked) for service in (fresh, recorded))  # type: ignore[arg-type]
        assert now.distributions == before.distributions
        assert now.listed == before.listed

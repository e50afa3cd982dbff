"""One service with each source of requirements in turn: its artifacts are the same to the byte."""

from __future__ import annotations

import hashlib
from functools import cache

import pytest

from tests.support.bench import Bench
from tests.support.index import package_index
from tests.support.lock_projects import PROJECTS
from tests.support.lock_tools import INDEX, fill_index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.index import PackageIndex

BY_NAME = {project.name: project for project in PROJECTS}
NAMES = (
    "uv", "uv-pylock", "uv-requirements", "poetry", "poetry-own", "poetry-1.8", "poetry-1.4", "poetry-1.1", "pdm",
    "pdm-static", "pdm-targets", "pdm-2.7", "pipenv", "pip-tools",
)  # fmt: skip
SERVICE = {
    "slspack.yml": "name: shop\nruntime: python3.13\nexclude-distributions: [forked]\n"
    "functions:\n  api: api.handler\n  jobs: jobs.handler\n",
    "api.py": "import web_app\n\n\ndef handler(event, context):\n    return web_app.__name__\n",
    "jobs.py": "import native\n\n\ndef handler(event, context):\n    return native.__name__\n",
}
PLAIN = {**SERVICE, "requirements.txt": "web-app[fast]\nnative\n"}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    folder = tmp_path_factory.mktemp("index")
    fill_index(folder)
    with package_index(folder) as running:
        yield running


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, index: PackageIndex) -> Callable[[], dict[str, str]]:
    """What comes of a requirements.txt without pins."""

    @cache
    def built() -> dict[str, str]:
        return digests(
            Bench(tmp_path_factory.mktemp("plain") / "service", tmp_path_factory.mktemp("store"), index), PLAIN
        )

    return built


def digests(bench: Bench, files: dict[str, str]) -> dict[str, str]:
    """The sha256 of each function's artifact."""
    bench.write(files)
    result = bench.slspack("build", PIP_INDEX_URL=INDEX, PIP_PROXY=bench.index.root if bench.index else "")
    assert result.status == 0, result.err
    return {name: hashlib.sha256(bench.artifact(name).read_bytes()).hexdigest() for name in ("api", "jobs")}


@pytest.mark.parametrize("name", NAMES)
def test_the_artifacts_are_the_same(
    tmp_path: Path, index: PackageIndex, plain: Callable[[], dict[str, str]], name: str
) -> None:
    project = BY_NAME[name]
    bench = Bench(tmp_path / "service", tmp_path / "store", index)
    files = {**SERVICE, **project.files, project.lock: project.recorded.read_text()}
    assert digests(bench, files) == plain()
    assert [name for name in bench.names_in("api") if name.endswith("__init__.py")] == [
        "leaf/__init__.py",
        "speedup/__init__.py",
        "web_app/__init__.py",
    ]


def test_a_build_with_nothing_to_do_notices_a_new_lock(tmp_path: Path, index: PackageIndex) -> None:
    project = BY_NAME["uv"]
    bench = Bench(tmp_path / "service", tmp_path / "store", index)
    lock = project.recorded.read_text()
    files = {**SERVICE, **project.files, project.lock: lock}
    before = digests(bench, files)
    newer = lock.replace('name = "leaf"\nversion = "2.0"', 'name = "leaf"\nversion = "1.5"').replace(
        "leaf-2.0-py3", "leaf-1.5-py3"
    )
    old = hashlib.sha256((index.folder / "leaf-2.0-py3-none-any.whl").read_bytes()).hexdigest()
    new = hashlib.sha256((index.folder / "leaf-1.5-py3-none-any.whl").read_bytes()).hexdigest()
    after = digests(bench, {project.lock: newer.replace(old, new)})
    assert (after["api"] != before["api"], after["jobs"] == before["jobs"]) == (True, True)
    assert digests(bench, {project.lock: lock}) == before

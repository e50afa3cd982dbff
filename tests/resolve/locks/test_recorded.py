"""Lock files that the tools themselves wrote, read for targets, groups and extras."""

from __future__ import annotations

import pytest

from slspack.errors import SlspackError
from slspack.resolve.locks.formats import lock_format
from tests.support.index import package_index
from tests.support.lock_projects import PROJECTS, LockProject
from tests.support.lock_tools import INDEX, fill_index
from tests.support.projects import project_files, write_project, write_sdist
from tests.support.resolving import ServiceFolder, pins, target_of, wheels
from tests.support.wheels import sha256_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slspack.model import Finding, Lock
    from tests.support.index import PackageIndex

BY_NAME = {project.name: project for project in PROJECTS}
WITH_FORK = ("uv", "poetry", "poetry-own", "poetry-1.8", "poetry-1.4", "poetry-1.1", "pdm-targets")
WITH_GROUPS = (*WITH_FORK, "pdm", "pdm-static", "pdm-2.7", "pipenv")
SAME = (*WITH_GROUPS, "uv-pylock", "uv-requirements", "pip-tools")
FORMATS_OF_POETRY_WITHOUT_GROUPS = ("poetry-1.1",)
BASE = ["leaf==2.0", "native==3.1", "speedup==1.0", "web-app==1.2"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    folder = tmp_path_factory.mktemp("index")
    fill_index(folder)
    with package_index(folder) as running:
        yield running


def service_of(name: str, scratch: Path, index: PackageIndex | None) -> ServiceFolder:
    """The project as a service, with the lock that its tool wrote."""
    project: LockProject = BY_NAME[name]
    proxy = index.root if index else "http://127.0.0.1:9"
    service = ServiceFolder.make(scratch, INDEX, PIP_PROXY=proxy)
    for path, content in project.files.items():
        service.put(path, content)
    service.put(project.lock, project.recorded.read_bytes())
    return service


def refused(service: ServiceFolder, **asked: object) -> list[Finding]:
    with pytest.raises(SlspackError) as caught:
        service.resolve(**asked)  # type: ignore[arg-type]
    return list(caught.value.findings)


def without_fork(lock: Lock) -> list[str]:
    return [pin for pin in pins(lock) if not pin.startswith("forked==")]


@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_every_format_gives_the_same_pins(tmp_path: Path, index: PackageIndex, name: str, architecture: str) -> None:
    if (name, architecture) == ("pdm-targets", "arm64"):
        (finding,) = refused(service_of(name, tmp_path, index), target=target_of("python3.13", "arm64"))
        assert finding.message.endswith("it was made for manylinux_2_40_x86_64, not for python3.13 arm64")
        return
    lock = service_of(name, tmp_path, index).resolve(target_of("python3.13", architecture))
    # pip-compile leaves out the markers of what it met on its own Python.
    assert [pin for pin in without_fork(lock) if name != "pip-tools" or pin != "backport==1.0"] == BASE
    machine = {"x86_64": "x86_64", "arm64": "aarch64"}[architecture]
    assert f"native-3.1-cp313-cp313-manylinux_2_17_{machine}.whl" in wheels(lock)
    assert [one.name for one in lock.listed if one.name != "forked"] == ["native", "web-app"]
    assert lock.listed[-1].extras == {"fast"}
    assert [one.code.id for one in lock.findings] == (["SLS0209"] if name == "uv-requirements" else [])


@pytest.mark.parametrize("name", [name for name in SAME if name != "pip-tools"])
def test_markers_are_those_of_the_target(tmp_path: Path, index: PackageIndex, name: str) -> None:
    service = service_of(name, tmp_path, index)
    if name == "pdm-targets":
        assert without_fork(service.resolve(target_of("python3.11"))) == ["backport==1.0", *BASE]
        return
    lock = service.resolve(target_of("python3.11", "arm64"))
    assert without_fork(lock) == ["backport==1.0", *BASE]
    assert "native-3.1-cp311-cp311-manylinux_2_17_aarch64.whl" in wheels(lock)


@pytest.mark.parametrize("name", WITH_FORK)
@pytest.mark.parametrize(("runtime", "version"), [("python3.11", "1.0"), ("python3.13", "2.0")])
def test_forks(tmp_path: Path, index: PackageIndex, name: str, runtime: str, version: str) -> None:
    lock = service_of(name, tmp_path, index).resolve(target_of(runtime))
    assert f"forked=={version}" in pins(lock)


@pytest.mark.parametrize("name", [name for name in WITH_GROUPS if name not in FORMATS_OF_POETRY_WITHOUT_GROUPS])
def test_groups_and_extras(tmp_path: Path, index: PackageIndex, name: str) -> None:
    service = service_of(name, tmp_path, index)
    assert without_fork(service.resolve(groups=("worker",))) == [*BASE, "worker==1.0"]
    assert without_fork(service.resolve(groups=("worker", "dev"), without_groups=("dev",))) == [*BASE, "worker==1.0"]
    if name != "pipenv":  # it has no extras
        assert "storage==1.0" in pins(service.resolve(extras=("storage",)))
    assert pins(service.resolve(only_groups=("worker",))) == ["worker==1.0"]
    assert pins(service.resolve(only_groups=("main", "worker"), without_groups=("main",))) == ["worker==1.0"]


@pytest.mark.parametrize("name", [name for name in WITH_GROUPS if name not in ("uv-pylock", "pipenv")])
def test_an_unknown_group_or_extra(tmp_path: Path, index: PackageIndex, name: str) -> None:
    service = service_of(name, tmp_path, index)
    (group,) = refused(service, groups=("wroker",))
    (extra,) = refused(service, extras=("strage",))
    assert (group.code.id, extra.code.id) == ("SLS0210", "SLS0210")
    assert extra.hint == "did you mean `storage`?"


@pytest.mark.parametrize(
    "name", [one.name for one in PROJECTS if one.lock.endswith(".lock") and "script" not in one.name]
)
def test_a_changed_project_makes_its_lock_stale(tmp_path: Path, index: PackageIndex, name: str) -> None:
    service = service_of(name, tmp_path, index)
    project = BY_NAME[name]
    path = next(iter(project.files))
    changed = {
        "uv-workspace": ("dependencies = []", 'dependencies = ["leaf"]'),
        "uv-conflicts": ('["native"]', '["native>1"]'),
    }.get(name, ("native", "native-renamed"))
    service.put(path, project.files[path].replace(*changed))
    (finding,) = refused(service)
    assert finding.code.id == "SLS0208"
    assert finding.message.startswith(f"`{project.lock}` does not match `{path}`: ")
    tool = {"pdm27": "pdm", "poetry1": "poetry", "poetry14": "poetry", "poetry11": "poetry"}.get(
        project.tool, project.tool
    )
    assert finding.hint == f"`{tool} lock` makes it anew"


def test_what_uv_s_lock_was_made_for_is_said(tmp_path: Path, index: PackageIndex) -> None:
    service = service_of("uv", tmp_path, index)
    text = BY_NAME["uv"].files["pyproject.toml"]
    for before, after, reason in (
        ('"native"', '"native>=3"', "`native>=3` is wanted, and it was made for `native`"),
        ('"native"', '"natives"', "`natives` is wanted, and it was made without it"),
        ('    "native",\n', "", "it was made for `native`, which is no longer wanted"),
        ("Web.App[fast]>=1", "web-app>=1", "`web-app>=1` is wanted, and it was made for `web-app[fast]>=1`"),
    ):
        service.put("pyproject.toml", text.replace(before, after))
        (finding,) = refused(service)
        assert finding.message == f"`uv.lock` does not match `pyproject.toml`: {reason}"


def test_a_requirement_of_another_python_makes_no_lock_stale(tmp_path: Path, index: PackageIndex) -> None:
    service = service_of("uv", tmp_path, index)
    text = BY_NAME["uv"].files["pyproject.toml"]
    service.put("pyproject.toml", text.replace("python_version < '3.12'", "python_full_version<'3.12'"))
    assert "forked==2.0" in pins(service.resolve())
    service.put("pyproject.toml", text.replace('dev = ["devtool"]', 'dev = ["devtool>9"]'))
    assert "forked==2.0" in pins(service.resolve())


@pytest.mark.parametrize("name", ["uv", "uv-pylock", "pdm-static", "pdm-2.7"])
def test_addresses_of_a_lock_need_no_index_page(tmp_path: Path, name: str) -> None:
    assert without_fork(service_of(name, tmp_path, None).resolve()) == BASE


@pytest.mark.parametrize("name", ["poetry", "pipenv", "pdm"])
def test_what_was_looked_up_is_kept(tmp_path: Path, index: PackageIndex, name: str) -> None:
    before = service_of(name, tmp_path, index).resolve()
    assert service_of(name, tmp_path, None).resolve() == before


def test_members_of_a_workspace(tmp_path: Path, index: PackageIndex) -> None:
    service = service_of("uv-workspace", tmp_path, index)
    orders = service.resolve(folder="services/orders")
    assert pins(orders) == ["leaf==1.5"]
    assert orders.sources == ("uv.lock", "services/orders/pyproject.toml")
    assert pins(service.resolve(folder="services/orders", extras=("fast",))) == [
        "leaf==1.5",
        "speedup==1.0",
        "web-app==1.2",
    ]
    write_project(service.root / "libs/core", project_files("core", "0", requires=["storage"]))
    users = service.resolve(folder="services/users")
    assert pins(users) == ["core==0", "native==3.1", "storage==1.0"]
    assert [one.name for one in users.distributions if one.built] == ["core"]
    assert [one.name for one in users.listed] == ["core", "native"]
    assert service.resolve().distributions == ()


def test_a_service_inside_a_workspace(tmp_path: Path, index: PackageIndex) -> None:
    whole = service_of("uv-workspace", tmp_path, index)
    inside = ServiceFolder(whole.root / "services/orders", tmp_path, whole.environment)
    lock = inside.resolve()
    assert pins(lock) == ["leaf==1.5"]
    assert lock.sources == ("../../uv.lock", "pyproject.toml")


def test_extras_that_exclude_each_other(tmp_path: Path, index: PackageIndex) -> None:
    service = service_of("uv-conflicts", tmp_path, index)
    assert pins(service.resolve()) == ["native==3.1"]
    assert pins(service.resolve(extras=("old",))) == ["leaf==1.0", "native==3.1"]
    assert pins(service.resolve(extras=("new",))) == ["leaf==2.0", "native==3.1"]
    (finding,) = refused(service, extras=("old", "new"))
    assert finding.message == "`uv.lock` locks `leaf` twice for what is asked for: 1.0 and 2.0"


def test_a_script_and_its_lock(tmp_path: Path, index: PackageIndex) -> None:
    service = service_of("uv-script", tmp_path, index)
    lock = service.resolve(files=("api.py",))
    assert pins(lock) == ["leaf==2.0", "native==3.1", "web-app==1.2"]
    assert [(one.name, one.location.line) for one in lock.listed] == [("native", 3), ("web-app", 3)]
    assert lock.sources == ("api.py.lock", "api.py")
    service.put("api.py", BY_NAME["uv-script"].files["api.py"].replace('"native"', '"native<4"'))
    (finding,) = refused(service, files=("api.py",))
    assert finding.message.startswith("`api.py.lock` does not match `api.py`: `native<4` is wanted")
    assert finding.hint == "`uv lock --script api.py` makes it anew"


def test_folders_are_built_and_wheels_on_disk_are_taken(tmp_path: Path, index: PackageIndex) -> None:
    service = service_of("uv-paths", tmp_path, index)
    wheel = (index.folder / "storage-1.0-py3-none-any.whl").read_bytes()
    service.put("wheels/storage-1.0-py3-none-any.whl", wheel)
    write_project(service.root / "libs/core", project_files("core", "0", requires=["storage"]))
    lock = service.resolve()
    assert without_fork(lock) == ["core==0", "leaf==2.0", "native==3.1", "speedup==1.0", "storage==1.0", "web-app==1.2"]
    assert [one.wheel.url.startswith("file:") for one in lock.distributions if one.name == "storage"] == [True]
    (service.root / "libs/core/pyproject.toml").unlink()
    assert [finding.code.id[:5] for finding in refused(service)] == ["SLS05"]


def test_a_source_distribution_that_a_lock_names_is_looked_up_and_built(tmp_path: Path) -> None:
    sdist = write_sdist(tmp_path / "index", "core", "1.0", project_files("core", "1.0"))
    text = (
        f'[[package]]\nname = "core"\nversion = "1.0"\noptional = false\ngroups = ["main"]\nfiles = [\n'
        f'    {{file = "{sdist.name}", hash = "sha256:{sha256_of(sdist)}"}},\n]\n\n[metadata]\nlock-version = "2.1"\n'
    )
    with package_index(tmp_path / "index") as running:
        service = ServiceFolder.make(tmp_path, running.url)
        service.put("poetry.lock", text)
        (core,) = service.resolve(files=("poetry.lock",)).distributions
        assert (core.name, core.version, core.built and core.built.builder) == ("core", "1.0", "isolated")
        service.put("poetry.lock", text.replace(sha256_of(sdist), "0" * 64))
        (finding,) = refused(service, files=("poetry.lock",))
        assert finding.code.id == "SLS0502"


def test_a_target_that_a_lock_was_not_made_for(tmp_path: Path, index: PackageIndex) -> None:
    service = service_of("pdm-targets", tmp_path, index)
    text = (service.root / "pdm.lock").read_text()
    service.put("pdm.lock", text.replace("manylinux_2_40_x86_64", "windows_amd64"))
    (finding,) = refused(service)
    assert finding.message == "`pdm.lock` cannot be read: it was made for windows_amd64, not for python3.13 x86_64"
    service.put("pdm.lock", text.replace('requires_python = ">=3.12"', 'requires_python = "<3.12"'))
    (finding,) = refused(service)
    assert finding.message.startswith("`pdm.lock` does not serve python3.13 x86_64: it was made for Python")


def test_the_recorded_files_are_of_each_format() -> None:
    formats = {lock_format(project.lock) for project in PROJECTS}
    assert {one.value for one in formats if one} == {"uv", "poetry", "pdm", "pipenv", "pylock"}
    assert all(project.recorded.is_file() for project in PROJECTS)

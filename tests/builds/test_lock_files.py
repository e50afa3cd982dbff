"""What a lock file says of distributions that are built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import BuilderChoice, BuildSettings, RequirementSet
from slspack.resolve import LockFileUse, resolve, write_pylock
from tests.support.index import PackageIndex, package_index
from tests.support.projects import Repository, project_files, write_project, write_sdist
from tests.support.resolving import ServiceFolder, target_of
from tests.support.wheels import make_wheel, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PackageIndex]:
    with package_index(tmp_path / "index") as running:
        yield running


@pytest.fixture
def service(tmp_path: Path, index: PackageIndex) -> ServiceFolder:
    return ServiceFolder.make(tmp_path, index.url)


TARGETS = [target_of("python3.12"), target_of("python3.13", "arm64")]


def write(service: ServiceFolder) -> str:
    context = service.context(lock_file=LockFileUse.IGNORE)
    asked = RequirementSet()
    return write_pylock([resolve(asked, target, context) for target in TARGETS], asked, context)


def test_a_lock_file_names_sources_and_is_read_back(
    tmp_path: Path, index: PackageIndex, service: ServiceFolder
) -> None:
    sdist = write_sdist(index.folder, "only-source", "1.2", project_files("only-source", "1.2", requires=["base"]))
    make_wheel(index.folder, "base")
    repository = Repository(tmp_path / "repository")
    commit = repository.commit({f"in/{path}": text for path, text in project_files("inner").items()})
    write_project(service.root / "libs" / "common", project_files("common"))
    archive = write_sdist(service.root / "archives", "packed", "3.0", project_files("packed", "3.1"))
    service.write(
        requirements_txt="only-source\n./libs/common\narchives/packed-3.0.tar.gz\n"
        f"inner @ git+{repository.url}@main#subdirectory=in\n"
    )
    text = write(service)
    assert f'vcs = {{ type = "git", url = "{repository.url}", commit-id = "{commit}", subdirectory = "in" }}' in text
    assert 'name = "common"\ndirectory = { path = "libs/common" }' in text
    assert (
        f'archive = {{ path = "archives/packed-3.0.tar.gz", hashes = {{ sha256 = "{sha256_of(archive)}" }} }}' in text
    )
    assert f'sdist = {{ name = "only_source-1.2.tar.gz", url = "{index.file_url(sdist.name)}"' in text
    assert "file:" not in text.replace(repository.url, "")
    before = service.resolve(TARGETS[0])
    service.put("pylock.toml", text)
    index.requests.clear()
    lock = service.resolve(TARGETS[0])
    assert [(one.name, one.version, one.wheel.sha256) for one in lock.distributions] == [
        (one.name, one.version, one.wheel.sha256) for one in before.distributions
    ]
    assert [one.name for one in lock.listed] == ["common", "inner", "only-source", "packed"]
    assert [one.built and one.built.builder for one in lock.distributions] == [None, *["isolated"] * 4]
    assert index.requests == []


def test_a_locked_sdist_is_checked(index: PackageIndex, service: ServiceFolder) -> None:
    sdist = write_sdist(index.folder, "only-source", "1.2", project_files("only-source", "1.2"))
    service.write(requirements_txt="only-source\n")
    service.put("pylock.toml", write(service).replace(sha256_of(sdist), "0" * 64))
    with pytest.raises(SlspackError) as caught:
        service.resolve(TARGETS[0])
    (finding,) = caught.value.findings
    assert finding.code is Code.HASH_MISMATCH
    none = service.context(build=BuildSettings(BuilderChoice.NONE))
    with pytest.raises(SlspackError) as caught:
        service.resolve(TARGETS[0], none)
    (finding,) = caught.value.findings
    assert (finding.code, finding.at and finding.at.path) == (Code.NO_FITTING_WHEEL, "pylock.toml")

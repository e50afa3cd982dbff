"""What a lock file says of distributions that are built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import BuilderChoice, BuildSettings, RequirementSet
from slspack.resolve import LockFileUse, resolve, write_pylock
from tests.support.bench import Bench
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


UV_LOCK = """\
version = 1
requires-python = ">=3.12"

[[package]]
name = "app"
version = "1"
source = {{ virtual = "." }}
dependencies = [{{ name = "both" }}]

[package.metadata]
requires-dist = [{{ name = "both" }}]

[[package]]
name = "both"
version = "1.0"
source = {{ registry = "{index}" }}
{sdist}wheels = [{{ url = "{wheel}", hash = "sha256:{wheel_hash}" }}]
"""
PROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.12"\ndependencies = ["both"]\n'


def test_no_binary_builds_what_a_lock_names_beside_its_wheels(tmp_path: Path, index: PackageIndex) -> None:
    sdist = write_sdist(index.folder, "both", "1.0", project_files("both", "1.0"))
    wheel = make_wheel(index.folder, "both")
    stated = f'sdist = {{ url = "{index.file_url(sdist.name)}", hash = "sha256:{sha256_of(sdist)}" }}\n'
    lock = {"index": index.url, "wheel": index.file_url(wheel.name), "wheel_hash": sha256_of(wheel)}
    bench = Bench(tmp_path / "app", tmp_path / "store", index)
    settings = "runtime: python3.13\nfunctions: {api: app.handler}\n"
    bench.write({"app.py": "import both\n\ndef handler(e, c): ...\n", "pyproject.toml": PROJECT})
    bench.write({"uv.lock": UV_LOCK.format(sdist=stated, **lock), "slspack.yml": settings})
    assert bench.build()["functions"]["api"]["distributions"][0]["built"] is None
    for names in ("Both", "':all:'"):
        bench.write({"slspack.yml": f"{settings}noBinary: {names}\n"})
        (built,) = bench.build()["functions"]["api"]["distributions"]
        assert built["built"] is not None
        assert built["built"]["source"] == sdist.name
    bench.write({"slspack.yml": f"{settings}noBinary: both\nonlyBinary: both\n"})
    barred = bench.slspack("build")
    assert barred.status == 1
    said = "error[SLS0501]: `noBinary` bars the wheels of `both` 1.0, and `uv.lock`"
    assert f"{said} has one that nobody may build" in barred.err
    bench.write({"slspack.yml": f"{settings}noBinary: both\n", "uv.lock": UV_LOCK.format(sdist="", **lock)})
    assert f"{said} names no source distribution to build" in bench.slspack("build").err


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

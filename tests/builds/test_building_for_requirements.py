"""Requirements that no wheel fits: what is built of them, by whom, and what is remembered."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.model import BuilderChoice, BuilderRule, BuildSettings, Location, dist_name
from slspack.resolve import Upgrade
from slspack.store import Kind
from tests.support.index import PackageIndex, package_index
from tests.support.projects import Repository, project_files, write_project, write_sdist
from tests.support.resolving import ServiceFolder, pins, target_of
from tests.support.wheels import make_wheel, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slspack.model import Lock, LockedDistribution


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PackageIndex]:
    with package_index(tmp_path / "index") as running:
        yield running


@pytest.fixture
def service(tmp_path: Path, index: PackageIndex) -> ServiceFolder:
    return ServiceFolder.make(tmp_path, index.url)


@pytest.fixture(autouse=True)
def without_docker_and_zig(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has, so that it is isolation that builds."""
    monkeypatch.setattr("slspack.builds.image.daemon_answers", lambda _: False)
    monkeypatch.setattr("slspack.builds.cross.open_cross_builder", lambda _: None)


def of(lock: Lock, name: str) -> LockedDistribution:
    return next(one for one in lock.distributions if one.name == name)


def built_files(service: ServiceFolder, one: LockedDistribution) -> list[str]:
    with zipfile.ZipFile(service.context().store.path(Kind.WHEEL, one.wheel.sha256)) as wheel:
        return wheel.namelist()


def test_a_pinned_sdist_becomes_a_wheel_with_its_dependencies(index: PackageIndex, service: ServiceFolder) -> None:
    sdist = write_sdist(index.folder, "only-source", "1.2", project_files("only-source", "1.2", requires=["base>=1"]))
    make_wheel(index.folder, "base", "1.0")
    service.write(requirements_txt="only-source==1.2\n")
    lock = service.resolve()
    assert pins(lock) == ["base==1.0", "only-source==1.2"]
    one = of(lock, "only-source")
    assert one.wheel.filename == "only_source-1.2-py3-none-any.whl"
    assert one.built is not None
    assert (one.built.builder, one.built.source, one.built.source_digest) == (
        "isolated", "only_source-1.2.tar.gz", sha256_of(sdist),
    )  # fmt: skip
    assert built_files(service, one) == [
        "only_source-1.2.dist-info/METADATA", "only_source-1.2.dist-info/WHEEL", "only_source.py",
        "only_source-1.2.dist-info/RECORD",
    ]  # fmt: skip
    assert [each.name for each in lock.listed] == ["only-source"]


def test_what_was_built_is_kept_and_needs_nothing_the_second_time(index: PackageIndex, service: ServiceFolder) -> None:
    write_sdist(index.folder, "only-source", "1.2", project_files("only-source", "1.2"))
    service.write(requirements_txt="only-source\n")
    first = service.resolve()
    index.requests.clear()
    (service.root / ".slspack" / "logs" / "only-source-1.2-python3.13-x86_64.log").unlink()
    again = service.resolve()
    assert (again.distributions, index.requests) == (first.distributions, [])
    # Another target of the same Python shares the wheel, for it is pure.
    other = service.resolve(target_of("python3.13", "arm64"))
    assert of(other, "only-source").wheel == of(first, "only-source").wheel
    assert not (service.root / ".slspack" / "logs" / "only-source-1.2-python3.13-arm64.log").exists()


def test_a_wheel_that_fits_comes_before_a_newer_sdist(index: PackageIndex, service: ServiceFolder) -> None:
    write_sdist(index.folder, "mixed", "2.0", project_files("mixed", "2.0"))
    make_wheel(index.folder, "mixed", "1.0")
    service.write(requirements_txt="mixed\n")
    lock = service.resolve()
    assert (pins(lock), of(lock, "mixed").built) == (["mixed==1.0"], None)


def test_what_another_distribution_demands_decides_about_the_version(
    index: PackageIndex, service: ServiceFolder
) -> None:
    for version in ("1.0", "2.0", "3.0"):
        write_sdist(index.folder, "deep", version, project_files("deep", version))
    make_wheel(index.folder, "outer", "1.0", requires=["deep>=1.5,<3"])
    service.write(requirements_txt="outer\n")
    assert pins(service.resolve()) == ["deep==2.0", "outer==1.0"]


def test_an_sdist_for_another_python_or_yanked_is_passed_over(index: PackageIndex, service: ServiceFolder) -> None:
    for version in ("1.0", "2.0", "3.0", "4.0a1"):
        write_sdist(index.folder, "choosy", version, project_files("choosy", version))
    index.settings.requires_python["choosy-3.0.tar.gz"] = ">=3.14"
    index.settings.yanked["choosy-2.0.tar.gz"] = "broken"
    service.write(requirements_txt="choosy\n")
    assert pins(service.resolve()) == ["choosy==1.0"]


def test_hashes_of_requirements_are_those_of_the_sdist(index: PackageIndex, service: ServiceFolder) -> None:
    sdist = write_sdist(index.folder, "safe", "1.0", project_files("safe"))
    service.write(requirements_txt=f"safe==1.0 --hash=sha256:{sha256_of(sdist)}\n")
    assert pins(service.resolve()) == ["safe==1.0"]
    service.write(requirements_txt=f"safe==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(SlspackError) as caught:
        service.resolve()
    (finding,) = caught.value.findings
    assert (finding.code, finding.at) == (Code.HASH_MISMATCH, Location("requirements.txt", 1, 1))
    assert sha256_of(sdist) in finding.message


def test_an_sdist_that_is_not_what_the_index_says_is_refused(index: PackageIndex, service: ServiceFolder) -> None:
    write_sdist(index.folder, "forged", "1.0", project_files("forged"))
    index.settings.wrong_hashes["forged-1.0.tar.gz"] = "1" * 64
    service.write(requirements_txt="forged==1.0\n")
    with pytest.raises(SlspackError) as caught:
        service.resolve()
    (finding,) = caught.value.findings
    assert finding.code is Code.HASH_MISMATCH
    assert "expected sha256 1111" in finding.message


def test_nobody_builds_where_the_builder_is_none(index: PackageIndex, service: ServiceFolder) -> None:
    write_sdist(index.folder, "only-source", "1.0", project_files("only-source"))
    service.write(requirements_txt="only-source\n")
    rule = BuilderRule(dist_name("only-source"), BuilderChoice.NONE)
    for settings in (BuildSettings(BuilderChoice.NONE), BuildSettings(rules=(rule,))):
        with pytest.raises(SlspackError) as caught:
            service.resolve(context=service.context(build=settings))
        (finding,) = caught.value.findings
        assert finding.code is Code.NO_FITTING_WHEEL
        assert "only a source distribution" in finding.message


def test_a_failing_build_shows_the_end_of_its_log(index: PackageIndex, service: ServiceFolder) -> None:
    fail = "see https://me:secret@index.example/why"
    write_sdist(index.folder, "broken", "1.0", project_files("broken", fail=fail))
    service.write(requirements_txt="# first\nbroken==1.0\n")
    with pytest.raises(SlspackError) as caught:
        service.resolve()
    (finding,) = caught.value.findings
    assert (finding.code, finding.at) == (Code.BUILD_FAILED, Location("requirements.txt", 2, 1))
    assert finding.message.startswith(
        "building `broken 1.0` for python3.13 x86_64 (isolated) failed: its build backend"
    )
    assert "  backend of broken at work\n" in finding.message
    assert finding.message.endswith("  see https://index.example/why")
    assert finding.hint == "the whole log is `.slspack/logs/broken-1.0-python3.13-x86_64.log`"


def test_all_that_fails_is_told_at_once(index: PackageIndex, service: ServiceFolder) -> None:
    for name in ("one", "two"):
        write_project(service.root / name, project_files(name, fail="no"))
    service.write(requirements_txt="./one\n./two\n")
    with pytest.raises(SlspackError) as caught:
        service.resolve()
    assert [finding.at and finding.at.line for finding in caught.value.findings] == [1, 2]


def test_in_isolation_there_is_no_compiler(index: PackageIndex, service: ServiceFolder) -> None:
    write_sdist(index.folder, "native", "1.0", project_files("native", compiles=True))
    service.write(requirements_txt="native==1.0\n")
    with pytest.raises(SlspackError) as caught:
        service.resolve(context=service.context(build=BuildSettings(BuilderChoice.AUTO)))
    assert "a build in isolation compiles nothing" in caught.value.findings[0].message


def test_a_wheel_of_one_platform_is_none_of_an_isolated_build(index: PackageIndex, service: ServiceFolder) -> None:
    write_sdist(index.folder, "native", "1.0", project_files("native", tag="cp313-cp313-linux_x86_64"))
    service.write(requirements_txt="native==1.0\n")
    with pytest.raises(SlspackError) as caught:
        service.resolve()
    assert "which only fits one platform" in caught.value.findings[0].message


def test_the_host_builds_with_what_it_has(tmp_path: Path, index: PackageIndex, service: ServiceFolder) -> None:
    files = project_files("native", tag="cp311-cp311-linux_x86_64")
    write_sdist(index.folder, "native", "1.0", files)
    service.write(requirements_txt="native==1.0\n")
    host = BuildSettings(BuilderChoice.HOST)
    lock = service.resolve(target_of("python3.11"), service.context(build=host))
    one = of(lock, "native")
    assert one.built is not None
    assert (one.built.builder, one.wheel.filename) == ("host", "native-1.0-cp311-cp311-linux_x86_64.whl")
    with pytest.raises(SlspackError) as caught:
        service.resolve(target_of("python3.11", "arm64"), service.context(build=host))
    (finding,) = caught.value.findings
    assert (finding.code, finding.message) == (
        Code.BUILT_MISFIT,
        "`native-1.0-cp311-cp311-linux_x86_64.whl`, which `host` built, does not fit python3.11 arm64",
    )


def test_the_host_needs_the_targets_python(
    index: PackageIndex, service: ServiceFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slspack.builds.isolated.find_interpreter", lambda *_: None)
    write_sdist(index.folder, "native", "1.0", project_files("native"))
    service.write(requirements_txt="native==1.0\n")
    with pytest.raises(MachineError) as caught:
        service.resolve(context=service.context(build=BuildSettings(BuilderChoice.HOST)))
    (finding,) = caught.value.findings
    assert finding.code is Code.BUILD_TOOL_MISSING
    assert "needs a Python 3.13" in finding.message
    assert "uv python install 3.13" in (finding.hint or "")


def test_local_folders_and_archives_are_built_and_take_part_with_their_extras(
    index: PackageIndex, service: ServiceFolder
) -> None:
    for name in ("base", "more", "deep"):
        make_wheel(index.folder, name, "1.0")
    write_project(service.root / "libs" / "common", project_files("common", requires=["base"], extras={"x": ["more"]}))
    write_project(service.root / "libs" / "other", project_files("other", requires=["deep"]))
    write_sdist(service.root / "archives", "packed", "3.0", project_files("packed", "3.0"))
    service.write(requirements_txt="-e ./libs/common[x]\nother @ file:libs/other\narchives/packed-3.0.tar.gz\n")
    lock = service.resolve()
    assert pins(lock) == ["base==1.0", "common==1.0", "deep==1.0", "more==1.0", "other==1.0", "packed==3.0"]
    assert {one.name: one.extras for one in lock.listed} == {"common": {"x"}, "other": set(), "packed": set()}
    sources = {one.name: one.built.source for one in lock.distributions if one.built}
    assert sources == {"common": "libs/common", "other": "libs/other", "packed": "packed-3.0.tar.gz"}


def test_a_folder_is_keyed_by_its_content(index: PackageIndex, service: ServiceFolder) -> None:
    folder = write_project(service.root / "lib", project_files("lib"))
    service.write(requirements_txt="./lib\n")
    first = of(service.resolve(), "lib")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "lib.cpython-311.pyc").write_bytes(b"x")
    (folder / "build").mkdir()
    (folder / "build" / "junk.py").write_text("1\n")
    assert of(service.resolve(), "lib") == first
    (folder / "lib.py").write_text("WHO = 'somebody else'\n")
    context = service.context()
    second = of(service.resolve(context=context), "lib")
    assert second.wheel.sha256 != first.wheel.sha256
    assert {"lib", "lib/lib.py", "lib/pyproject.toml"} <= context.looks.files.keys()


def test_a_name_that_is_not_the_projects_own(index: PackageIndex, service: ServiceFolder) -> None:
    write_project(service.root / "lib", project_files("lib"))
    service.write(requirements_txt="other @ file:lib\n")
    with pytest.raises(SlspackError) as caught:
        service.resolve()
    (finding,) = caught.value.findings
    assert (finding.code, finding.message) == (Code.BUILT_MISFIT, "`lib` is the project `lib`, not `other`")


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("./nothing", Code.SOURCE_UNAVAILABLE, "there is no folder `nothing`"),
        ("./empty", Code.BAD_SOURCE, "the folder `empty` is not a Python project"),
        ("hg+https://hg.example/x#egg=x", Code.UNSUPPORTED_REQUIREMENT, "only git repositories can be fetched"),
        ("git+file:///nowhere/at/all", Code.SOURCE_UNAVAILABLE, "`git+file:///nowhere/at/all` cannot be fetched:"),
    ],
)
def test_sources_that_cannot_be_had(service: ServiceFolder, line: str, code: Code, said: str) -> None:
    (service.root / "empty").mkdir()
    service.write(requirements_txt=f"{line}\n")
    with pytest.raises(SlspackError) as caught:
        service.resolve()
    (finding,) = caught.value.findings
    assert (finding.code, finding.at) == (code, Location("requirements.txt", 1, 1))
    assert said in finding.message


def test_a_branch_stays_at_its_commit_until_it_is_renewed(tmp_path: Path, service: ServiceFolder) -> None:
    repository = Repository(tmp_path / "repository")
    first = repository.commit(project_files("moving"))
    service.write(requirements_txt=f"git+{repository.url}@main#egg=moving\n")
    one = of(service.resolve(), "moving")
    assert one.built is not None
    assert one.built.source == f"git+{repository.url}@{first}"
    second = repository.commit({"moving.py": "WHO = 'moved'\n"})
    assert of(service.resolve(), "moving") == one
    renewed = of(service.resolve(context=service.context(upgrade=Upgrade.REFRESH)), "moving")
    assert renewed.built is not None
    assert renewed.built.source == f"git+{repository.url}@{second}"
    assert of(service.resolve(), "moving") == renewed
    kept = json.loads((service.root / ".slspack" / "locks" / "revisions.json").read_text())
    assert kept["commits"] == {f"git+{repository.url}@main": second}


def test_revisions_of_every_kind(tmp_path: Path, service: ServiceFolder) -> None:
    repository = Repository(tmp_path / "repository")
    first = repository.commit({f"python/{path}": text for path, text in project_files("inner", "1.0").items()})
    repository.tag("v1")
    repository.branch("feature/two")
    second = repository.commit({"python/inner.py": "WHO = 'two'\n"})
    revisions = {"@v1": first, f"@{first}": first, f"@{first[:10]}": first, "@feature/two": second, "": second}
    for written, commit in revisions.items():
        service.write(requirements_txt=f"inner @ git+{repository.url}{written}#subdirectory=python\n")
        built = of(service.resolve(), "inner").built
        assert built is not None
        assert built.source == f"git+{repository.url}@{commit}#subdirectory=python", written
    service.write(requirements_txt=f"git+{repository.url}@v9#egg=inner\n")
    with pytest.raises(SlspackError) as caught:
        service.resolve()
    assert "it has no revision `v9`" in caught.value.findings[0].message


def test_a_wheel_that_was_pruned_is_built_again(index: PackageIndex, service: ServiceFolder) -> None:
    write_sdist(index.folder, "only-source", "1.2", project_files("only-source", "1.2"))
    service.write(requirements_txt="only-source\n")
    one = of(service.resolve(), "only-source")
    store = service.context().store
    store.path(Kind.WHEEL, one.wheel.sha256).unlink()
    context = service.context()
    lock = service.resolve(context=context)
    assert (of(lock, "only-source"), lock.findings) == (one, ())
    store.path(Kind.WHEEL, one.wheel.sha256).unlink()
    again = context.indexes(context.configuration).wheels.fetch(lock.distributions)
    assert [path.is_file() for path in again.values()] == [True]


def test_a_build_that_differs_each_time_is_told_of(index: PackageIndex, service: ServiceFolder) -> None:
    write_sdist(index.folder, "restless", "1.0", project_files("restless", restless=True))
    service.write(requirements_txt="restless\n")
    first = of(service.resolve(), "restless")
    service.context().store.path(Kind.WHEEL, first.wheel.sha256).unlink()
    context = service.context()
    with pytest.raises(SlspackError) as caught:
        context.indexes(context.configuration).wheels.fetch([first])
    (finding,) = caught.value.findings
    assert finding.code is Code.NOT_REPRODUCIBLE
    service.context().store.recheck(Kind.WHEEL, first.wheel.sha256)
    lock = service.resolve()
    assert of(lock, "restless").wheel.sha256 != first.wheel.sha256


def compiling(name: str, **backend: object) -> dict[str, str]:
    """A project that says it is built with Cython."""
    files = project_files(name, **backend)  # type: ignore[arg-type]
    return {**files, "pyproject.toml": files["pyproject.toml"].replace("requires = []", 'requires = ["cython"]')}


def test_what_does_without_its_extensions_is_warned_of(index: PackageIndex, service: ServiceFolder) -> None:
    write_sdist(index.folder, "optional", "1.0", compiling("optional"))
    make_wheel(index.folder, "cython", "3.0")
    service.write(requirements_txt="optional==1.0\n")
    (finding,) = service.resolve(context=service.context()).findings
    assert finding.code is Code.WITHOUT_EXTENSIONS
    assert "though it is built with `cython`" in finding.message


def test_what_needs_a_compiler_where_nobody_has_one(index: PackageIndex, service: ServiceFolder) -> None:
    write_sdist(index.folder, "native", "1.0", compiling("native", compiles=True))
    make_wheel(index.folder, "cython", "3.0")
    service.write(requirements_txt="native==1.0\n")
    with pytest.raises(MachineError) as caught:
        service.resolve(context=service.context())
    (finding,) = caught.value.findings
    assert (finding.code, finding.message) == (
        Code.NOBODY_BUILDS,
        (
            "`native 1.0` has to be compiled for python3.13 x86_64: it is built with `cython`, "
            "and nothing on this machine can do it"
        ),
    )

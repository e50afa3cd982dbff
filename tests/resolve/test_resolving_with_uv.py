"""Resolving for a target against an index on loopback."""

from __future__ import annotations

import shutil
import time

import pytest

from slspack.codes import Code
from slspack.errors import ExitStatus, MachineError, SlspackError
from slspack.model import BuilderChoice, BuildSettings, Location
from slspack.resolve import Upgrade
from slspack.resolve.kept import FRESH_SECONDS
from tests.support.index import IndexSettings, PackageIndex, package_index
from tests.support.resolving import WAYS, ServiceFolder, only_uv, pins, target_of, wheels
from tests.support.wheels import make_sdist, make_wheel, sha256_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True, params=WAYS)
def decided_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every answer is the same whether uv has to be asked or not."""
    if request.param == "uv":
        only_uv(monkeypatch)
    return str(request.param)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    folder = tmp_path_factory.mktemp("index")
    make_wheel(folder, "app", "1.0", requires=["base>=1", "backport; python_version<'3.12'"])
    make_wheel(folder, "app", "2.0", requires=["base>=1", "extra-thing; extra=='fast'"], extras=["fast"])
    make_wheel(folder, "base", "1.0")
    make_wheel(folder, "base", "1.1")
    make_wheel(folder, "base", "2.0a1")
    make_wheel(folder, "backport", "1.0")
    make_wheel(folder, "extra-thing", "1.0")
    make_wheel(folder, "winonly", "1.0", requires=["base; sys_platform=='win32'"])
    for python in ("cp311", "cp313"):
        for machine in ("x86_64", "aarch64"):
            tag = f"{python}-{python}-manylinux_2_17_{machine}.manylinux2014_{machine}"
            make_wheel(folder, "native", "1.0", tag=tag)
            make_wheel(folder, "native", "1.1", tag=f"{python}-{python}-manylinux_2_26_{machine}")
            make_wheel(folder, "native", "2.0", tag=f"{python}-{python}-manylinux_2_28_{machine}")
            make_wheel(folder, "native", "3.0", tag=f"{python}-{python}-manylinux_2_39_{machine}")
            make_wheel(folder, "mixed", "1.0", tag=f"{python}-{python}-manylinux_2_24_{machine}")
    make_wheel(folder, "mixed", "1.0")
    make_wheel(folder, "needs-native", "1.0", requires=["native"])
    make_wheel(folder, "needs-native", "2.0", requires=["native>=2"])
    make_wheel(folder, "windows", "1.0", tag="cp313-cp313-win_amd64")
    make_sdist(folder, "sources", "1.0")
    make_wheel(folder, "newpython", "1.0")
    make_wheel(folder, "newpython", "2.0", requires_python=">=3.12")
    make_wheel(folder, "pulled", "1.0")
    make_wheel(folder, "pulled", "1.1")
    settings = IndexSettings(yanked={"pulled-1.1-py3-none-any.whl": "broken"})
    settings.requires_python["newpython-2.0-py3-none-any.whl"] = ">=3.12"
    with package_index(folder, settings) as running:
        yield running


@pytest.fixture
def service(index: PackageIndex, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> ServiceFolder:
    # One uv cache for the module: what differs between tests is the requirements.
    cache = tmp_path_factory.getbasetemp() / "uv-cache"
    return ServiceFolder.make(tmp_path, index.url, UV_CACHE_DIR=str(cache))


def failure(
    service: ServiceFolder, text: str, runtime: str = "python3.13", builder: BuilderChoice = BuilderChoice.AUTO
) -> SlspackError:
    service.write(requirements_txt=text)
    with pytest.raises(SlspackError) as caught:
        service.resolve(target_of(runtime), service.context(build=BuildSettings(builder)))
    return caught.value


@pytest.mark.parametrize(
    ("written", "runtime", "architecture", "expected"),
    [
        ("app", "python3.13", "x86_64", ["app==2.0", "base==1.1"]),
        ("app<2", "python3.11", "x86_64", ["app==1.0", "backport==1.0", "base==1.1"]),
        ("app<2", "python3.13", "arm64", ["app==1.0", "base==1.1"]),
        ("app[fast]", "python3.13", "x86_64", ["app==2.0", "base==1.1", "extra-thing==1.0"]),
        ("app[FAST]==2.0", "python3.13", "x86_64", ["app==2.0", "base==1.1", "extra-thing==1.0"]),
        ("winonly", "python3.13", "x86_64", ["winonly==1.0"]),
        ("base; sys_platform=='win32'\nwinonly", "python3.13", "x86_64", ["winonly==1.0"]),
        ("base; platform_machine=='aarch64'", "python3.13", "arm64", ["base==1.1"]),
        ("base; platform_machine=='aarch64'", "python3.13", "x86_64", []),
        ("--pre\nbase", "python3.13", "x86_64", ["base==2.0a1"]),
        ("newpython", "python3.11", "x86_64", ["newpython==1.0"]),
        ("newpython", "python3.13", "x86_64", ["newpython==2.0"]),
        ("pulled", "python3.13", "x86_64", ["pulled==1.0"]),
        ("pulled==1.1", "python3.13", "x86_64", ["pulled==1.1"]),
        ("native", "python3.13", "x86_64", ["native==2.0"]),
        ("native", "python3.13", "arm64", ["native==2.0"]),
        ("native", "python3.11", "x86_64", ["native==1.1"]),
        ("native", "python3.11", "arm64", ["native==1.1"]),
        ("needs-native", "python3.11", "x86_64", ["native==1.1", "needs-native==1.0"]),
        ("native<1.1", "python3.11", "x86_64", ["native==1.0"]),
    ],
)
def test_versions_are_those_of_the_target(
    service: ServiceFolder, written: str, runtime: str, architecture: str, expected: list[str]
) -> None:
    service.write(requirements_txt=written)
    assert pins(service.resolve(target_of(runtime, architecture))) == expected


def test_the_best_wheel_is_chosen_by_the_whole_ladder_of_tags(service: ServiceFolder) -> None:
    service.write(requirements_txt="mixed")
    assert wheels(service.resolve(target_of("python3.11"))) == ["mixed-1.0-cp311-cp311-manylinux_2_24_x86_64.whl"]
    assert wheels(service.resolve(target_of("python3.12"))) == ["mixed-1.0-py3-none-any.whl"]


def test_a_wheel_is_locked_with_address_hash_and_size(service: ServiceFolder, index: PackageIndex) -> None:
    service.write(requirements_txt="base==1.0")
    wheel = service.resolve().distributions[0].wheel
    file = index.folder / "base-1.0-py3-none-any.whl"
    assert (wheel.url, wheel.sha256, wheel.size) == (index.file_url(file.name), sha256_of(file), file.stat().st_size)


def test_constraints_limit_but_do_not_list(service: ServiceFolder) -> None:
    service.write(requirements_txt="app\n-c limits.txt", limits_txt="base<1.1\nnative==1.0\n")
    lock = service.resolve()
    assert pins(lock) == ["app==2.0", "base==1.0"]
    assert [one.name for one in lock.listed] == ["app"]
    assert lock.sources == ("requirements.txt", "limits.txt")


def test_listed_requirements_say_where_they_stand_with_all_their_extras(service: ServiceFolder) -> None:
    service.write(requirements_txt="# ours\n  app\nbase; sys_platform == 'win32'\napp[fast]\n")
    (listed,) = service.resolve().listed
    assert (listed.name, sorted(listed.extras)) == ("app", ["fast"])
    assert listed.location == Location("requirements.txt", 2, 3)


def test_the_second_build_needs_no_index(tmp_path: Path) -> None:
    make_wheel(tmp_path / "index", "base")
    with package_index(tmp_path / "index") as index:
        service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="base")
        first = service.resolve()
        seen = len(index.requests)
        service.write(requirements_txt="# moved down\n\nbase\n")
        second = service.resolve()
        assert len(index.requests) == seen
    assert service.resolve(context=service.context({"UV_OFFLINE": "1"})) == second
    assert first.distributions == second.distributions
    assert (first.listed[0].location.line, second.listed[0].location.line) == (1, 3)


def test_another_checkout_asks_no_index_for_ten_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_wheel(tmp_path / "index", "base", "1.0")
    now = time.time()
    with package_index(tmp_path / "index") as index:
        service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="base")
        service.resolve()
        make_wheel(tmp_path / "index", "base", "1.1")
        seen = len(index.requests)
        shutil.rmtree(service.root / ".slspack/locks")
        assert pins(service.resolve()) == ["base==1.0"]
        assert len(index.requests) == seen
        for later in (now + FRESH_SECONDS + 60, now - 60):
            shutil.rmtree(service.root / ".slspack/locks")
            monkeypatch.setattr(time, "time", lambda later=later: later)
            assert pins(service.resolve()) == ["base==1.1"]


def test_a_changed_folder_of_wheels_is_asked_again(tmp_path: Path) -> None:
    make_wheel(tmp_path / "wheels", "base", "1.0")
    service = ServiceFolder.make(tmp_path, "").write(
        requirements_txt=f"--no-index\n--find-links {tmp_path}/wheels\nbase"
    )
    assert pins(service.resolve()) == ["base==1.0"]
    shutil.rmtree(service.root / ".slspack/locks")
    make_wheel(tmp_path / "wheels", "base", "1.1")
    assert pins(service.resolve()) == ["base==1.1"]


def test_upgrading_asks_again(tmp_path: Path) -> None:
    make_wheel(tmp_path / "index", "base", "1.0")
    with package_index(tmp_path / "index") as index:
        service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="base")
        service.resolve()
        make_wheel(tmp_path / "index", "base", "1.1")
        assert pins(service.resolve()) == ["base==1.0"]
        assert pins(service.resolve(context=service.context(upgrade=Upgrade.REFRESH))) == ["base==1.1"]
        assert pins(service.resolve()) == ["base==1.1"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"schema": "slspack-lock/1"}', b'{"schema": 2}'])
def test_a_damaged_kept_resolution_is_made_again(service: ServiceFolder, damage: bytes) -> None:
    service.write(requirements_txt="base")
    expected = service.resolve()
    (kept,) = (service.root / ".slspack" / "locks").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage)
    assert service.resolve() == expected
    assert kept.read_bytes() == whole


def test_a_pin_without_a_fitting_wheel_is_named_with_what_exists(service: ServiceFolder) -> None:
    error = failure(service, "base\nnative==2.0", "python3.11")
    (finding,) = error.findings
    assert finding.code is Code.NO_FITTING_WHEEL
    assert finding.at == Location("requirements.txt", 2, 1)
    assert "`native` 2.0 has no wheel for python3.11 x86_64" in finding.message
    assert "glibc 2.28" in finding.message
    assert "`native` 1.1 has a wheel that fits" in (finding.hint or "")


def test_all_pins_without_a_fitting_wheel_are_named_at_once(service: ServiceFolder) -> None:
    error = failure(service, "native==2.0\nneeds-native==2.0", "python3.11")
    assert [finding.code for finding in error.findings] == [Code.NO_FITTING_WHEEL]
    error = failure(service, "windows\nsources")
    assert {finding.code for finding in error.findings} == {Code.NO_FITTING_WHEEL}


def test_a_range_without_a_fitting_wheel_is_named(service: ServiceFolder) -> None:
    (finding,) = failure(service, "native>=2", "python3.11").findings
    assert finding.code is Code.NO_FITTING_WHEEL
    assert "`native` 2.0 has no wheel for python3.11 x86_64" in finding.message


def test_a_dependency_without_a_fitting_wheel_is_named(service: ServiceFolder) -> None:
    (finding,) = failure(service, "needs-native==2.0", "python3.11").findings
    assert finding.code is Code.NO_FITTING_WHEEL
    assert "`native`" in finding.message


@pytest.mark.parametrize(
    ("written", "said"), [("sources", "only a source distribution"), ("windows", "another operating system")]
)
def test_what_exists_only_as_something_else_is_no_fitting_wheel(
    service: ServiceFolder, written: str, said: str
) -> None:
    (finding,) = failure(service, f"base\n{written}", builder=BuilderChoice.NONE).findings
    assert (finding.code, finding.at) == (Code.NO_FITTING_WHEEL, Location("requirements.txt", 2, 1))
    assert said in finding.message


def test_what_cannot_be_met_is_explained_with_its_place(service: ServiceFolder) -> None:
    (finding,) = failure(service, "app==2.0\nbase==7").findings
    assert finding.code is Code.UNRESOLVABLE
    assert finding.at == Location("requirements.txt", 2, 1)
    assert finding.message.startswith("the requirements cannot be met for python3.13 x86_64: because ")
    assert "base==7" in finding.message
    assert "hint:" not in finding.message
    assert "--" not in finding.message


def test_an_unknown_name_is_unresolvable(service: ServiceFolder) -> None:
    (finding,) = failure(service, "app\nno-such-thing").findings
    assert (finding.code, finding.at) == (Code.UNRESOLVABLE, Location("requirements.txt", 2, 1))
    assert "no-such-thing was not found" in finding.message


def test_two_pins_for_one_distribution(service: ServiceFolder) -> None:
    (finding,) = failure(service, "base==1.0\nBase==1.1").findings
    assert (finding.code, finding.at) == (Code.CONFLICTING_PINS, Location("requirements.txt", 2, 1))
    assert finding.message == "`base==1.1` contradicts `base==1.0` at requirements.txt:1:1"


def test_an_index_out_of_reach_is_the_machines_lack(tmp_path: Path) -> None:
    service = ServiceFolder.make(tmp_path, None).write(requirements_txt="base")
    with pytest.raises(MachineError) as caught:
        service.resolve()
    (finding,) = caught.value.findings
    assert caught.value.exit_status is ExitStatus.MACHINE_LACKS
    assert finding.code is Code.INDEX_UNREACHABLE
    assert finding.message.startswith("the package index ")
    assert "127.0.0.1:9" in finding.message
    assert "cannot be used" in finding.message


def test_an_offline_uv_is_said_so(service: ServiceFolder) -> None:
    service.write(requirements_txt="base==1.0,>0.1")
    with pytest.raises(MachineError, match="UV_OFFLINE"):
        service.resolve(context=service.context({"UV_OFFLINE": "1", "UV_CACHE_DIR": str(service.scratch / "empty")}))

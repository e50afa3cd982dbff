"""`resolver: pip-tools`."""

from __future__ import annotations

import sys

import pytest

from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.model import Resolver, Severity
from slspack.resolve import pip_tools
from slspack.targets import runtime_names
from tests.support.index import package_index
from tests.support.resolving import ServiceFolder, pins, target_of, wheels
from tests.support.wheels import make_wheel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.index import PackageIndex

OTHER = next(name for name in reversed(runtime_names()) if name != f"python3.{sys.version_info[1]}")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PackageIndex]:
    folder = tmp_path / "index"
    here = f"python_version=='3.{sys.version_info[1]}'"
    make_wheel(folder, "app", "1.0", requires=["base", f"only-here; {here}"])
    make_wheel(folder, "forgotten", "1.0", requires=[f"base; {here.replace('==', '!=')}"])
    make_wheel(folder, "base", "1.0")
    make_wheel(folder, "only-here", "1.0")
    tag = f"cp3{sys.version_info[1]}-cp3{sys.version_info[1]}"
    other = OTHER.replace("python3.", "cp3")
    for version in ("1.0", "2.0"):
        make_wheel(folder, "native", version, tag=f"{tag}-manylinux_2_17_x86_64")
    make_wheel(folder, "native", "1.0", tag=f"{other}-{other}-manylinux_2_17_x86_64")
    with package_index(folder) as running:
        yield running


def test_pins_are_filtered_to_what_the_target_reaches(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="app[none]\n-c c.txt", c_txt="base<2")
    lock = service.resolve(target_of(OTHER), resolver=Resolver.PIP_TOOLS)
    assert pins(lock) == ["app==1.0", "base==1.0"]
    (warning,) = lock.findings
    assert warning.severity is Severity.WARNING
    assert f"not for {OTHER} x86_64" in warning.message


def test_versions_go_back_to_one_that_fits_the_target(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="native")
    (wheel,) = wheels(service.resolve(target_of(OTHER), resolver=Resolver.PIP_TOOLS))
    assert wheel.startswith("native-1.0-cp3")


def test_what_pip_left_out_is_an_error(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="forgotten")
    with pytest.raises(SlspackError, match=f"`forgotten` needs `base` on {OTHER}"):
        service.resolve(target_of(OTHER), resolver=Resolver.PIP_TOOLS)


def test_what_cannot_be_met_is_explained(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="app\nbase==7")
    with pytest.raises(SlspackError) as caught:
        service.resolve(resolver=Resolver.PIP_TOOLS)
    (finding,) = caught.value.findings
    assert finding.code is Code.UNRESOLVABLE
    assert "base==7" in finding.message
    assert str(finding.at) == "requirements.txt:2:1"


def test_missing_pip_tools_says_what_to_install(
    tmp_path: Path, index: PackageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pip_tools, "find_spec", lambda name: None)
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="app")
    with pytest.raises(MachineError) as caught:
        service.resolve(resolver=Resolver.PIP_TOOLS)
    (finding,) = caught.value.findings
    assert finding.code is Code.RESOLVER_MISSING
    assert finding.hint == "install it beside slspack: `pip install 'slspack[pip-tools]'`"


def test_the_two_resolvers_do_not_share_what_is_kept(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="base")
    service.resolve()
    service.resolve(resolver=Resolver.PIP_TOOLS)
    assert len(list((service.root / ".slspack" / "locks").iterdir())) == 2


def test_an_index_out_of_reach(tmp_path: Path) -> None:
    service = ServiceFolder.make(tmp_path, None).write(requirements_txt="base")
    with pytest.raises(MachineError) as caught:
        service.resolve(resolver=Resolver.PIP_TOOLS)
    assert caught.value.findings[0].code is Code.INDEX_UNREACHABLE

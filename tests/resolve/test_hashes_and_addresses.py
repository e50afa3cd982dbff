"""Hashes that users list, wheels by address, credentials."""

from __future__ import annotations

import os
import stat

import pytest

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Resolver
from tests.support.index import IndexSettings, package_index
from tests.support.resolving import WAYS, ServiceFolder, only_uv, pins, target_of, wheels
from tests.support.wheels import make_wheel, sha256_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.index import PackageIndex

SECRET = "s3cr3t-w0rd"


@pytest.fixture(autouse=True, params=WAYS)
def decided_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every answer is the same whether uv has to be asked or not."""
    if request.param == "uv":
        only_uv(monkeypatch)
    return str(request.param)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PackageIndex]:
    folder = tmp_path / "index"
    make_wheel(folder, "app", "1.0", requires=["base"])
    make_wheel(folder, "base", "1.0")
    for tag in ("cp313-cp313-manylinux_2_17_x86_64", "cp313-cp313-manylinux_2_28_x86_64", "cp313-cp313-win_amd64"):
        make_wheel(folder, "native", "1.0", tag=tag)
    with package_index(folder) as running:
        yield running


def hashed(index: PackageIndex, pattern: str) -> str:
    return " ".join(f"--hash=sha256:{sha256_of(path)}" for path in sorted(index.folder.glob(pattern)))


def failing(service: ServiceFolder, text: str) -> list[tuple[Code, str]]:
    with pytest.raises(SlspackError) as caught:
        service.write(requirements_txt=text).resolve()
    return [(finding.code, finding.message) for finding in caught.value.findings]


def test_hashes_decide_which_file_is_taken(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url)
    assert wheels(service.write(requirements_txt="native==1.0").resolve())[0].endswith("2_28_x86_64.whl")
    older = hashed(index, "native*2_17*")
    lock = service.write(requirements_txt=f"native==1.0 {older}").resolve()
    assert wheels(lock) == ["native-1.0-cp313-cp313-manylinux_2_17_x86_64.whl"]


def test_hashes_of_no_fitting_file(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url)
    ((code, message),) = failing(service, f"native==1.0 {hashed(index, 'native*win*')}")
    assert code is Code.HASH_MISMATCH
    assert message.startswith(
        "none of the hashes listed for `native` 1.0 is that of a wheel for python3.13 x86_64: "
        "`native-1.0-cp313-cp313-manylinux_2_28_x86_64.whl` has sha256:"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("base==1.0 {base}\nnative==1.0", "`native==1.0` has no hash, and others have"),
        ("base {base}", "`base` has a hash, but is not pinned to one version"),
        ("app==1.0 {app}", "`base` 1.0 is needed by a requirement, but is not listed with a hash"),
        ("--require-hashes\nbase==1.0", "`base==1.0` has no hash, and others have"),
    ],
)
def test_one_hash_asks_for_all(tmp_path: Path, index: PackageIndex, text: str, message: str) -> None:
    service = ServiceFolder.make(tmp_path, index.url)
    given = text.format(base=hashed(index, "base*"), app=hashed(index, "app*"))
    assert failing(service, given) == [(Code.HASH_REQUIRED, message)]


def test_everything_hashed_is_resolved(tmp_path: Path, index: PackageIndex) -> None:
    text = f"app==1.0 {hashed(index, 'app*')}\nbase==1.0 {hashed(index, 'base*')}"
    assert pins(ServiceFolder.make(tmp_path, index.url).write(requirements_txt=text).resolve()) == [
        "app==1.0", "base==1.0",
    ]  # fmt: skip


def test_hashes_may_stand_in_constraints(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url)
    service.write(requirements_txt="--require-hashes\nbase\n-c c.txt", c_txt=f"base==1.0 {hashed(index, 'base*')}")
    assert pins(service.resolve()) == ["base==1.0"]


@pytest.mark.parametrize("written", ["base @ {url}", "{url}", "{url}#sha256={sha256}"])
def test_a_wheel_by_its_address(tmp_path: Path, index: PackageIndex, written: str) -> None:
    file = index.folder / "base-1.0-py3-none-any.whl"
    url, sha256 = index.file_url(file.name), sha256_of(file)
    service = ServiceFolder.make(tmp_path, None)
    (one,) = service.write(requirements_txt=written.format(url=url, sha256=sha256)).resolve().distributions
    assert (one.name, one.version, one.wheel.url, one.wheel.sha256) == ("base", "1.0", url, sha256)


def test_a_wheel_by_its_address_with_another_hash(tmp_path: Path, index: PackageIndex) -> None:
    url = index.file_url("base-1.0-py3-none-any.whl")
    ((code, _),) = failing(ServiceFolder.make(tmp_path, None), f"base @ {url}#sha256={'0' * 64}")
    assert code is Code.HASH_MISMATCH


def test_a_wheel_in_the_service(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url)
    first = make_wheel(service.root / "libs" / "wheels", "ours", "1.0", requires=["base"])
    service.put("libs/requirements.txt", "./wheels/ours-1.0-py3-none-any.whl")
    lock = service.resolve(folder="libs")
    assert pins(lock) == ["base==1.0", "ours==1.0"]
    assert lock.distributions[1].wheel.url == first.as_uri()
    make_wheel(first.parent, "ours", "1.0", {"ours.py": "changed = True"})
    changed = service.resolve(folder="libs")
    assert changed.distributions[0].wheel.sha256 == sha256_of(first)
    assert pins(changed) == ["ours==1.0"]


def test_a_wheel_in_the_service_that_is_not_there_or_does_not_fit(tmp_path: Path) -> None:
    service = ServiceFolder.make(tmp_path, None)
    assert failing(service, "./ours-1.0-py3-none-any.whl") == [
        (Code.REQUIREMENTS_NOT_FOUND, "there is no wheel `ours-1.0-py3-none-any.whl`")
    ]
    make_wheel(service.root, "ours", "1.0", tag="cp313-cp313-win_amd64")
    ((code, message),) = failing(service, "./ours-1.0-cp313-cp313-win_amd64.whl")
    assert code in (Code.NO_FITTING_WHEEL, Code.UNRESOLVABLE)
    assert "ours" in message


def test_find_links_of_a_requirements_file(tmp_path: Path) -> None:
    service = ServiceFolder.make(tmp_path, None).write(requirements_txt="--no-index\n-f wheels\nours")
    file = make_wheel(service.root / "wheels", "ours", "1.0")
    (one,) = service.resolve().distributions
    assert (one.wheel.url, one.wheel.sha256) == (file.as_uri(), sha256_of(file))


def test_options_of_a_requirements_file_come_before_the_environment(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, None)
    lock = service.write(requirements_txt="-i ${OURS}\nbase").resolve(context=service.context({"OURS": index.url}))
    assert pins(lock) == ["base==1.0"]


def test_two_indexes_are_equal_as_for_pip(tmp_path: Path, index: PackageIndex) -> None:
    make_wheel(tmp_path / "other", "base", "2.0")
    with package_index(tmp_path / "other") as other:
        service = ServiceFolder.make(tmp_path, index.url, PIP_EXTRA_INDEX_URL=other.url)
        assert pins(service.write(requirements_txt="base").resolve()) == ["base==2.0"]
        reverse = ServiceFolder.make(tmp_path, other.url, PIP_EXTRA_INDEX_URL=index.url)
        assert pins(reverse.resolve()) == ["base==2.0"]


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[PackageIndex]:
    make_wheel(tmp_path / "guarded", "base", "1.0")
    make_wheel(tmp_path / "guarded", "native", "1.0", tag="cp313-cp313-win_amd64")
    with package_index(tmp_path / "guarded", IndexSettings(credentials=("me", SECRET))) as running:
        yield running


def spying_path(tmp_path: Path) -> Path:
    """A folder with a `uv` that notes its arguments before it does its work."""
    from slspack.registry import uv_executable

    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "uv"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{tmp_path}/arguments"\nexec "{uv_executable()}" "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


@pytest.mark.parametrize("resolver", list(Resolver))
@pytest.mark.parametrize("way", ["variable", "file", "netrc"])
def test_credentials_reach_the_index_and_nothing_else(
    tmp_path: Path,
    guarded: PackageIndex,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    resolver: Resolver,
    decided_by: str,
) -> None:
    if way == "netrc":
        netrc = tmp_path / "home" / ".netrc"
        netrc.parent.mkdir()
        netrc.write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        service = ServiceFolder.make(tmp_path, guarded.url, NETRC=str(netrc)).write(requirements_txt="base")
    elif way == "file":
        service = ServiceFolder.make(tmp_path, None, INDEX=guarded.url_with("me", SECRET))
        service.write(requirements_txt="--index-url ${INDEX}\nbase")
    else:
        service = ServiceFolder.make(tmp_path, guarded.url_with("me", SECRET)).write(requirements_txt="base")
    script = spying_path(tmp_path)
    monkeypatch.setattr("slspack.registry.uv_process.uv_executable", lambda: str(script))
    lock = service.resolve(resolver=resolver)
    assert pins(lock) == ["base==1.0"]
    assert SECRET not in repr(lock)
    assert SECRET not in repr(service.context())
    kept = [path for path in service.root.rglob("*") if path.is_file()]
    arguments = [path for path in [tmp_path / "arguments"] if path.exists()]
    assert len(kept) == 2
    assert all(SECRET not in path.read_text() for path in (*kept, *arguments))
    assert bool(arguments) is (resolver is Resolver.UV and decided_by == "uv")


@pytest.mark.parametrize("password", [SECRET, f"{SECRET}-wrong"])
def test_errors_never_show_a_password(tmp_path: Path, guarded: PackageIndex, password: str) -> None:
    service = ServiceFolder.make(tmp_path, guarded.url_with("me", password))
    for text in ("nothing==1", "base==7", "native", f"https://me:{SECRET}@127.0.0.1:9/x-1.0-py3-none-any.whl"):
        with pytest.raises(SlspackError) as caught:
            service.write(requirements_txt=text).resolve()
        assert SECRET not in str(caught.value.findings)


def test_wrong_credentials_are_said_so(tmp_path: Path, guarded: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, guarded.url_with("me", "wrong"))
    ((code, message),) = failing(service, "base")
    assert code is Code.INDEX_FORBIDDEN
    assert message.startswith("the package index ")
    assert "127.0.0.1:" in message
    assert "refused the request" in message


def test_the_same_lock_from_any_directory_and_settings_of_uv(
    tmp_path: Path, index: PackageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="native")
    first = service.resolve(target_of())
    for kept in (service.root / ".slspack" / "locks").iterdir():
        kept.unlink()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "uv.toml").write_text('[pip]\nno-index = true\nindex-url = "https://index.example/none"\n')
    (service.root / "uv.toml").write_text("[pip]\nno-index = true\n")
    monkeypatch.chdir(elsewhere)
    variables = {"UV_PYTHON": "3.99", "UV_PROJECT": os.fspath(elsewhere), "UV_NO_BINARY": "1"}
    assert service.resolve(target_of(), service.context(variables)) == first

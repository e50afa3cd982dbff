"""HTTP as pip does it: credentials, redirects, proxies, retries."""

from __future__ import annotations

import base64
import socket
import stat
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from slspack.model import dist_name
from slspack.registry import PackageIndexClient, RegistrySession
from slspack.registry.failures import Unreachable
from tests.support.index import PackageIndex, package_index
from tests.support.registry import session_of
from tests.support.tunnel import socks_to
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHEEL = "alpha-1.0-py3-none-any.whl"
ANN = f"Basic {base64.b64encode(b'ann:hunter2').decode()}"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PackageIndex]:
    with package_index(tmp_path / "index") as running:
        make_wheel(running.folder, "alpha")
        running.settings.credentials = ("ann", "hunter2")
        yield running


def files(session: RegistrySession) -> list[str]:
    return [file.filename for file in PackageIndexClient(session).files(dist_name("alpha"))]


def test_credentials_in_the_address_serve_pages_and_files(index: PackageIndex) -> None:
    session = session_of(PIP_INDEX_URL=index.url_with("ann", "hunter2"))
    assert files(session) == [WHEEL]
    assert session.get(index.file_url(WHEEL), {"Accept": "*/*"}).status == 200
    assert {request.authorization for request in index.requests} == {ANN}


def test_credentials_from_netrc(index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert files(session_of(PIP_INDEX_URL=index.url)) == [WHEEL]


def test_credentials_from_the_keyring_command(
    index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked only after a 401, for the user that the address names, first by index and then by host."""
    command, log = tmp_path / "bin/keyring", tmp_path / "log"
    command.parent.mkdir()
    host = index.url.split("/")[2]
    command.write_text(
        f"#!{sys.executable}\nimport sys\nopen({str(log)!r}, 'a').write(' '.join(sys.argv[1:]) + chr(10))\n"
        f"sys.exit(1) if sys.argv[2] != {host!r} else print('hunter2')\n"
    )
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(command.parent))
    address = index.url.replace("://", "://ann@")
    session = session_of(PIP_INDEX_URL=address, PIP_KEYRING_PROVIDER="subprocess")
    assert files(session) == [WHEEL]
    assert session.get(index.file_url(WHEEL), {"Accept": "*/*"}).status == 200
    assert log.read_text().splitlines() == [f"get {index.url} ann", f"get {host} ann"]
    assert [request.status for request in index.requests] == [401, 200, 200]


def test_credentials_from_the_keyring_module(
    index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keyring.py").write_text(
        "from types import SimpleNamespace\n"
        "def get_credential(service, user):\n"
        f"    if service != {index.url!r}:\n"
        "        raise RuntimeError('locked')\n"
        "    return SimpleNamespace(username='ann', password='hunter2')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    assert files(session_of(PIP_INDEX_URL=index.url, PIP_KEYRING_PROVIDER="auto")) == [WHEEL]


def test_a_redirect_to_another_host_takes_no_credentials_along(index: PackageIndex, tmp_path: Path) -> None:
    with package_index(tmp_path / "storage") as storage:
        make_wheel(storage.folder, "alpha")
        # Another name of this host: another origin.
        index.settings.redirects[WHEEL] = storage.file_url(WHEEL).replace("127.0.0.1", "localhost")
        session = session_of(PIP_INDEX_URL=index.url_with("ann", "hunter2"))
        answer = session.get(index.file_url(WHEEL), {"Accept": "*/*"})
    assert answer.status == 200
    assert [request.authorization for request in index.requests] == [ANN]
    assert [request.authorization for request in storage.requests] == [None]


def test_an_index_that_fails_twice_and_then_answers(index: PackageIndex) -> None:
    index.settings.failing_times["alpha"] = 1
    assert files(session_of(PIP_INDEX_URL=index.url_with("ann", "hunter2"), PIP_RETRIES="1")) == [WHEEL]
    assert [request.status for request in index.requests] == [500, 200]


def test_an_answer_cut_short_is_asked_for_again(index: PackageIndex) -> None:
    index.settings.credentials = None
    index.settings.truncated_times[WHEEL] = 1
    answer = session_of(PIP_RETRIES="1").get(index.file_url(WHEEL), {"Accept": "*/*"})
    assert answer.body == (index.folder / WHEEL).read_bytes()
    index.settings.truncated_times[WHEEL] = 1
    with pytest.raises(Unreachable, match=r"^the connection broke off$"):
        session_of().get(index.file_url(WHEEL), {"Accept": "*/*"})


@pytest.mark.parametrize("variable", ["http_proxy", "PIP_PROXY"])
def test_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """A proxy sees the whole address; a failing one is told of without its password."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with package_index(tmp_path / "proxy") as proxy:
        address = proxy.url.replace("/simple/", "").replace("://", "://bob:pr0xy@")
        monkeypatch.setenv(variable, address)
        settings = {variable: address} if variable.startswith("PIP") else {}
        session = session_of(PIP_INDEX_URL="http://index.example/simple/", **settings)
        assert session.get("http://index.example/simple/alpha/", {"Accept": "*/*"}).status == 404
        assert [request.path for request in proxy.requests] == ["http://index.example/simple/alpha/"]
    with pytest.raises(Unreachable) as caught:
        session_of(**settings).get("http://index.example/simple/alpha/", {"Accept": "*/*"})
    assert str(caught.value) == "the proxy cannot be reached"
    assert caught.value.__cause__ is None


def test_addresses_that_are_none() -> None:
    session = session_of()
    with pytest.raises(Unreachable, match=r"^its host name cannot be resolved$"):
        session.get("http://nowhere.invalid/", {"Accept": "*/*"})
    with pytest.raises(Unreachable, match=r"^its address is not valid$"):
        session.get("gopher://index.example/", {"Accept": "*/*"})
    with pytest.raises(Unreachable, match=r"^its address is not valid$"):
        session.get("https://index.example:port/", {"Accept": "*/*"})


def test_who_asks(index: PackageIndex) -> None:
    """The index can tell slspack from pip."""
    session = session_of(PIP_INDEX_URL=index.url_with("ann", "hunter2"))
    session.get(index.url, {})
    (request,) = index.requests
    assert request.agent is not None
    assert request.agent.startswith("slspack/")


def test_a_redirect_at_the_same_host_takes_the_login_along(index: PackageIndex) -> None:
    index.settings.redirects["old.whl"] = f"../files/{WHEEL}"
    session = session_of(PIP_INDEX_URL=index.url_with("ann", "hunter2"))
    assert session.get(index.file_url("old.whl"), {}).url == index.file_url(WHEEL)
    assert [request.authorization for request in index.requests] == [ANN, ANN]


def test_a_redirect_to_a_host_in_netrc(index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login bob password st0rage\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with package_index(tmp_path / "storage") as storage:
        make_wheel(storage.folder, "alpha")
        storage.settings.credentials = ("bob", "st0rage")
        # A login in the address itself is nobody's.
        target = storage.file_url(WHEEL).replace("127.0.0.1", "eve:x@localhost")
        index.settings.redirects[WHEEL] = target
        session = session_of(PIP_INDEX_URL=index.url_with("ann", "hunter2"))
        answer = session.get(index.file_url(WHEEL), {})
    assert answer.status == 200
    assert "eve" not in answer.url


def test_redirects_in_a_circle(index: PackageIndex) -> None:
    index.settings.credentials = None
    index.settings.redirects[WHEEL] = index.file_url(WHEEL)
    with pytest.raises(Unreachable, match=r"^it redirects in a circle$"):
        session_of().get(index.file_url(WHEEL), {})
    assert len(index.requests) == 30


@pytest.mark.parametrize("target", ["http://[", "https://index.example:port/"])
def test_a_redirect_to_what_is_no_address(index: PackageIndex, target: str) -> None:
    index.settings.credentials = None
    index.settings.redirects[WHEEL] = target
    with pytest.raises(Unreachable, match=r"^it redirects to what is no address$"):
        session_of().get(index.file_url(WHEEL), {})


def test_connections_are_used_again(index: PackageIndex) -> None:
    """After an answer that was read, a redirect, and a refusal with a body that nobody reads."""
    index.settings.redirects["old.whl"] = f"../files/{WHEEL}"
    session = session_of(PIP_INDEX_URL=index.url_with("ann", "hunter2"))
    files(session)
    session.get(index.file_url("old.whl"), {})
    with session.stream(index.file_url("gone.whl"), {}) as incoming:
        incoming.drain()
    files(session_of(PIP_INDEX_URL=index.url_with("ann", "hunter2")))
    assert len({request.connection for request in index.requests}) == 2


@pytest.mark.parametrize("text", ["machine 127.0.0.1 login", "\udcff"])
def test_a_netrc_that_cannot_be_read_has_no_login(
    text: str, index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_bytes(text.encode("utf-8", "surrogateescape"))
    monkeypatch.setenv("NETRC", str(netrc))
    assert session_of().get(index.url, {}).status == 401


def test_a_server_that_is_silent() -> None:
    silent = pytest.raises(Unreachable, match=r"^there was no answer within 0.1 s$")
    with socket.create_server(("127.0.0.1", 0)) as server, silent:
        session_of(PIP_DEFAULT_TIMEOUT="0.1").get(f"http://127.0.0.1:{server.getsockname()[1]}/", {})


def test_a_host_that_cannot_be_reached() -> None:
    """What the system says, which is no lack of patience."""
    with pytest.raises(Unreachable, match=r"^(Network is unreachable|Invalid argument|Permission denied)$"):
        session_of().get("http://255.255.255.255/", {})


def test_a_socks_proxy_with_a_login(index: PackageIndex) -> None:
    """The host is one that only the proxy knows."""
    index.settings.credentials = None
    port = urlsplit(index.url).port
    assert port is not None
    with socks_to(port, ("bob", "pr@xy")) as tunnel:
        address = tunnel.address.replace("://", "://bob:pr%40xy@")
        session = session_of(PIP_INDEX_URL="http://index.example/simple/", PIP_PROXY=address)
        assert files(session) == [WHEEL]
        assert tunnel.asked == ["index.example:80"]
        with pytest.raises(Unreachable, match=r"^the proxy does not connect$"):
            session_of(PIP_PROXY=tunnel.address).get("http://index.example/", {})


def test_a_socks_proxy_needs_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("socks", "urllib3.contrib.socks"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(Unreachable, match=r"^the proxy is a SOCKS proxy, which needs PySocks: `pip install PySocks`$"):
        session_of(PIP_PROXY="socks5://bob:pr0xy@127.0.0.1:1080").get("http://index.example/", {})


@pytest.mark.parametrize("address", ["http://", "ftp://proxy.example", "http://proxy.example:port"])
def test_a_proxy_whose_address_is_none(address: str) -> None:
    with pytest.raises(Unreachable, match=r"^the proxy's address is not valid$"):
        session_of(PIP_PROXY=address).get("http://index.example/", {})


@pytest.mark.parametrize("variable", ["PIP_CERT", "PIP_CLIENT_CERT"])
def test_certificates_that_are_not_there(variable: str, tmp_path: Path) -> None:
    with pytest.raises(Unreachable) as caught:
        session_of(**{variable: str(tmp_path / "none.pem")}).get("https://127.0.0.1:9/", {})
    assert (
        str(caught.value) == f"the certificates in `{tmp_path / 'none.pem'}` cannot be read: No such file or directory"
    )

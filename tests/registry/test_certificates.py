"""Indexes behind a company's own authority, client certificates and proxies, and Poetry's own settings for them.

All by whole builds: the resolver and slspack have to be let in, and no secret may stay behind.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from slspack.model import dist_name
from slspack.registry import PackageIndexClient
from slspack.registry.failures import Unreachable
from slspack.registry.poetry_files import poetry_files
from tests.support.bench import Bench
from tests.support.index import IndexSettings, PackageIndex, package_index
from tests.support.registry import session_of
from tests.support.tls import Authority
from tests.support.tunnel import tunnel_to
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "s3cret-w0rd"
OWN = "functions: {api: app.handler}\nruntime: python3.13\n"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def index(tmp_path: Path, authority: Authority) -> Iterator[PackageIndex]:
    """An index that a company's authority vouches for."""
    with package_index(tmp_path / "index", tls=authority.server("index.example")) as running:
        make_wheel(running.folder, "web", requires=["tools"])
        make_wheel(running.folder, "tools")
        yield running


@pytest.fixture
def guarded(tmp_path: Path, authority: Authority) -> Iterator[PackageIndex]:
    """One that lets in nobody without a certificate of that authority, and wants a login besides."""
    settings = IndexSettings(credentials=("ci", SECRET))
    with package_index(tmp_path / "guarded", settings, authority.server(asks_clients=True)) as running:
        make_wheel(running.folder, "web", requires=["tools"])
        make_wheel(running.folder, "tools")
        yield running


def service(tmp_path: Path, index: PackageIndex, requirements: str = "web\n") -> Bench:
    bench = Bench(tmp_path / "service", tmp_path / "store", index)
    bench.write({"slspack.yml": OWN, "app.py": "import web\n\ndef handler(event, context): ...\n"})
    if requirements:
        bench.write({"requirements.in": requirements})
    return bench


def packaged(bench: Bench, **variables: str) -> list[str]:
    built = bench.slspack("build", "--json", **variables)
    assert built.status == 0, built.err
    assert SECRET not in built.out + built.err
    return [each["name"] for each in built.manifest["functions"]["api"]["distributions"]]


def assert_no_secret(bench: Bench, *but: str) -> None:
    """In no file that a build left, wherever it is."""
    for path in bench.root.parent.rglob("*"):
        if path.is_file() and path.name not in but:
            assert SECRET.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("variable", ["PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_custom_authority(tmp_path: Path, index: PackageIndex, authority: Authority, variable: str) -> None:
    bench = service(tmp_path, index)
    assert packaged(bench, **{variable: str(authority.bundle)}) == ["tools", "web"]


def test_a_folder_of_authorities(tmp_path: Path, index: PackageIndex, authority: Authority) -> None:
    folder = tmp_path / "authorities"
    folder.mkdir()
    shutil.copy(authority.bundle, folder)
    subprocess.run(["openssl", "rehash", folder], check=True)
    assert packaged(service(tmp_path, index), SSL_CERT_DIR=str(folder)) == ["tools", "web"]


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_certificates_in_pips_file(tmp_path: Path, guarded: PackageIndex, authority: Authority, resolver: str) -> None:
    bench = service(tmp_path, guarded)
    bench.write({"slspack.yml": f"{OWN}resolver: {resolver}\n"})
    address = guarded.url_with("ci", SECRET)
    lines = ["[global]", f"index-url = {address}", f"cert = {authority.bundle}", f"client-cert = {authority.client}"]
    file = tmp_path / "pip.conf"
    file.write_text("\n".join(lines))
    variables = {"PIP_CONFIG_FILE": str(file), "PIP_INDEX_URL": ""}
    assert packaged(bench, **variables) == ["tools", "web"]
    assert_no_secret(bench, "pip.conf")


@pytest.mark.parametrize("variable", ["PIP_CLIENT_CERT", "SSL_CLIENT_CERT"])
def test_a_client_certificate(tmp_path: Path, guarded: PackageIndex, authority: Authority, variable: str) -> None:
    bench = service(tmp_path, guarded)
    variables = {"PIP_CERT": str(authority.bundle), "PIP_INDEX_URL": guarded.url_with("ci", SECRET), "PIP_RETRIES": "0"}
    without = bench.slspack("build", **variables)
    assert without.status in {1, 3}
    assert SECRET not in without.err
    assert packaged(bench, **variables, **{variable: str(authority.client)}) == ["tools", "web"]
    assert_no_secret(bench)


def test_a_host_that_is_trusted_without_its_certificate(tmp_path: Path, index: PackageIndex) -> None:
    bench = service(tmp_path, index)
    assert packaged(bench, PIP_TRUSTED_HOST=urlsplit(index.url).netloc) == ["tools", "web"]


def test_who_a_trusted_host_redirects_to_is_not_trusted(
    tmp_path: Path, index: PackageIndex, authority: Authority
) -> None:
    with package_index(tmp_path / "storage", tls=authority.server("index.example")) as storage:
        wheel = make_wheel(storage.folder, "web").name
        index.settings.redirects[wheel] = storage.file_url(wheel)
        trusted = urlsplit(index.url).netloc
        with pytest.raises(Unreachable, match=r"^its certificate cannot be verified$"):
            session_of(PIP_TRUSTED_HOST=trusted).get(index.file_url(wheel), {})
        both = f"{trusted} {urlsplit(storage.url).netloc}"
        assert session_of(PIP_TRUSTED_HOST=both).get(index.file_url(wheel), {}).status == 200


def test_nobody_vouches_for_the_index(tmp_path: Path, index: PackageIndex) -> None:
    session = session_of(PIP_INDEX_URL=index.url)
    with pytest.raises(Exception, match="its certificate cannot be verified"):
        PackageIndexClient(session).files(dist_name("web"))
    failed = service(tmp_path, index).slspack("build", PIP_RETRIES="0")
    assert failed.status == 3
    assert "error[SLS0506]" in failed.err


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "PIP_PROXY"])
def test_through_a_proxy_with_a_login(tmp_path: Path, index: PackageIndex, authority: Authority, variable: str) -> None:
    """The host is one that only the proxy knows."""
    port = urlsplit(index.url).port
    assert port is not None
    with tunnel_to(port, ("bob", SECRET)) as tunnel:
        bench = service(tmp_path, index)
        variables = {
            "PIP_INDEX_URL": f"https://index.example:{port}/simple/",
            "PIP_CERT": str(authority.bundle),
            "PIP_RETRIES": "0",
        }
        right = tunnel.address.replace("://", f"://bob:{SECRET}@")
        wrong = tunnel.address.replace("://", f"://bob:x{SECRET}@")
        refused = bench.slspack("build", **variables, **{variable: wrong})
        assert refused.status == 3, refused.err
        assert "error[SLS0506]" in refused.err
        assert SECRET not in refused.err
        assert tunnel.refused
        assert packaged(bench, **variables, **{variable: right}) == ["tools", "web"]
        assert set(tunnel.asked) == {f"index.example:{port}"}
        assert_no_secret(bench)


POETRY = """\
[tool.poetry]
name = "app"
version = "1"
package-mode = false

[tool.poetry.dependencies]
python = "^3.11"
web = "^1.0"

[[tool.poetry.source]]
name = "my-company"
url = "{url}"
"""


@pytest.fixture
def project(tmp_path: Path, guarded: PackageIndex) -> Bench:
    """A Poetry project without a lock, whose source is the guarded index; no general setting knows of it."""
    bench = service(tmp_path, guarded, "")
    bench.write({"pyproject.toml": POETRY.format(url=guarded.url)})
    return bench


def test_poetrys_files(project: Bench, tmp_path: Path, authority: Authority) -> None:
    """`auth.toml` and `config.toml` as `poetry config` writes them."""
    folder = tmp_path / "pypoetry"
    folder.mkdir()
    (folder / "auth.toml").write_text(f'[http-basic.my-company]\nusername = "ci"\npassword = "{SECRET}"\n')
    certificates = f'cert = "{authority.bundle}"\nclient-cert = "{authority.client}"\n'
    (folder / "config.toml").write_text(f"[certificates.my-company]\n{certificates}")
    assert packaged(project, POETRY_CONFIG_DIR=str(folder)) == ["tools", "web"]
    assert_no_secret(project, "auth.toml")
    assert project.slspack("build", "--json", POETRY_CONFIG_DIR=str(folder)).manifest["functions"]["api"]["cached"]


def test_poetrys_variables_over_the_projects_own_file(project: Bench, authority: Authority) -> None:
    """`cert` may say that nobody has to vouch for the index."""
    project.write(
        {"poetry.toml": '[certificates.my-company]\ncert = false\n[http-basic.my-company]\nusername = "ci"\n'}
    )
    variables = {
        "POETRY_HTTP_BASIC_MY_COMPANY_PASSWORD": SECRET,
        "POETRY_CERTIFICATES_MY_COMPANY_CLIENT_CERT": str(authority.client),
    }
    assert packaged(project, **variables) == ["tools", "web"]
    assert_no_secret(project)


def test_poetrys_password_in_the_keyring(
    project: Bench, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Poetry keeps the user's name in its file and the password under the source's name."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules/keyring.py").write_text(
        "from types import SimpleNamespace\n"
        "def get_credential(service, user):\n"
        "    assert user == 'ci'\n"
        "    if service == 'poetry-repository-my-company':\n"
        f"        return SimpleNamespace(username=user, password={SECRET!r})\n"
    )
    monkeypatch.syspath_prepend(tmp_path / "modules")
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    project.write({"poetry.toml": '[http-basic.my-company]\nusername = "ci"\n'})
    variables = {
        "POETRY_CERTIFICATES_MY_COMPANY_CERT": str(authority.bundle),
        "POETRY_CERTIFICATES_MY_COMPANY_CLIENT_CERT": str(authority.client),
    }
    assert packaged(project, **variables) == ["tools", "web"]
    assert_no_secret(project, "keyring.py")


def test_a_file_of_poetrys_that_cannot_be_parsed_is_named_but_not_quoted(project: Bench) -> None:
    project.write({"poetry.toml": f"[http-basic.my-company]\npassword = {SECRET}\n"})
    failed = project.slspack("build")
    assert failed.status == 2
    assert "error[SLS0509]: Poetry's configuration file `poetry.toml` cannot be parsed" in failed.err
    assert SECRET not in failed.err


@pytest.mark.parametrize(
    ("variables", "platform", "folder"),
    [
        ({"HOME": "/home/ann"}, "linux", "/home/ann/.config/pypoetry"),
        ({"HOME": "/home/ann", "XDG_CONFIG_HOME": "/x"}, "linux", "/x/pypoetry"),
        ({"HOME": "/Users/ann"}, "darwin", "/Users/ann/Library/Application Support/pypoetry"),
        ({"USERPROFILE": "/u", "APPDATA": "/u/Roaming"}, "win32", "/u/Roaming/pypoetry"),
        ({"HOME": "/home/ann", "POETRY_CONFIG_DIR": "/p"}, "linux", "/p"),
    ],
)
def test_where_poetrys_files_are(variables: dict[str, str], platform: str, folder: str) -> None:
    places = [os.fspath(path).replace(os.sep, "/") for path in poetry_files(variables, platform)]
    assert places == [f"{folder}/config.toml", f"{folder}/auth.toml"]

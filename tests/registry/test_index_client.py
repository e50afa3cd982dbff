"""What indexes and find-links places offer, and what is said when they do not."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.model import dist_name
from slspack.registry import PackageIndexClient
from tests.support.index import PackageIndex, package_index
from tests.support.registry import session_of
from tests.support.wheels import make_sdist, make_wheel, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALPHA, BETA = dist_name("alpha"), dist_name("beta")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PackageIndex]:
    with package_index(tmp_path / "index") as running:
        make_wheel(running.folder, "alpha")
        make_sdist(running.folder, "alpha")
        make_wheel(running.folder, "beta", "2.0")
        yield running


def client_of(index: PackageIndex, **environment: str) -> PackageIndexClient:
    return PackageIndexClient(session_of(PIP_INDEX_URL=index.url, **environment))


def names(client: PackageIndexClient, name: str = "alpha") -> list[str]:
    return [file.filename for file in client.files(dist_name(name))]


def test_json_and_html_say_the_same(index: PackageIndex) -> None:
    index.settings.yanked["alpha-1.0.tar.gz"] = "old"
    index.settings.requires_python["alpha-1.0.tar.gz"] = ">=3.9,<4"
    from_json = client_of(index).files(ALPHA)
    index.settings.json = False
    from_html = client_of(index).files(ALPHA)
    assert [(f.filename, f.url, f.sha256, f.requires_python, f.yanked) for f in from_json] == [
        (f.filename, f.url, f.sha256, f.requires_python, f.yanked) for f in from_html
    ]
    assert from_json[0].sha256 == sha256_of(index.folder / "alpha-1.0-py3-none-any.whl")
    assert from_json[0].metadata_sha256 is not None


def test_each_page_is_asked_for_once(index: PackageIndex) -> None:
    client = client_of(index)
    assert set(client.files_of([ALPHA, BETA, ALPHA])) == {ALPHA, BETA}
    client.files(ALPHA)
    assert sorted(request.path for request in index.requests) == ["/simple/alpha/", "/simple/beta/"]


def test_several_indexes_the_first_ones_files_first(index: PackageIndex, tmp_path: Path) -> None:
    with package_index(tmp_path / "more") as more:
        make_wheel(more.folder, "alpha", "1.0", {"other.py": "x = 1"})
        shutil.copy(index.folder / "alpha-1.0.tar.gz", more.folder)
        files = client_of(index, PIP_EXTRA_INDEX_URL=more.url).files(ALPHA)
    assert [file.url for file in files] == [
        index.file_url("alpha-1.0-py3-none-any.whl"),
        index.file_url("alpha-1.0.tar.gz"),  # the same file in the second index is left out
        more.file_url("alpha-1.0-py3-none-any.whl"),
    ]


def test_a_name_in_no_index_and_all_of_them_are_said(index: PackageIndex) -> None:
    with pytest.raises(SlspackError) as caught:
        client_of(index).files_of([dist_name("gamma"), ALPHA, dist_name("delta")])
    assert [finding.message for finding in caught.value.findings] == [
        f"`gamma` is in none of the indexes: `{index.url}`",
        f"`delta` is in none of the indexes: `{index.url}`",
    ]
    assert {finding.code for finding in caught.value.findings} == {Code.NOT_IN_INDEX}


def test_an_index_that_always_fails(index: PackageIndex) -> None:
    index.settings.failing.add("alpha")
    with pytest.raises(MachineError) as caught:
        client_of(index, PIP_RETRIES="1").files(ALPHA)
    (finding,) = caught.value.findings
    assert finding.code is Code.INDEX_UNREACHABLE
    assert finding.message == f"the package index `{index.url}` cannot be used: it answered with status 500"
    assert len(index.requests) == 2


def test_nobody_listens(tmp_path: Path) -> None:
    with package_index(tmp_path / "index") as gone:
        url = gone.url
    with pytest.raises(MachineError) as caught:
        PackageIndexClient(session_of(PIP_INDEX_URL=url)).files(ALPHA)
    assert caught.value.findings[0].message == f"the package index `{url}` cannot be used: the connection was refused"


def test_a_refusal_by_401_fails(index: PackageIndex, tmp_path: Path) -> None:
    index.settings.credentials = ("ann", "hunter2")
    with package_index(tmp_path / "more") as more:
        make_wheel(more.folder, "alpha")
        session = session_of(PIP_INDEX_URL=index.url_with("ann", "wr0ng"), PIP_EXTRA_INDEX_URL=more.url)
        with pytest.raises(SlspackError) as caught:
            PackageIndexClient(session).files(ALPHA)
    (finding,) = caught.value.findings
    assert finding.code is Code.INDEX_FORBIDDEN
    assert finding.message == f"the package index `{index.url}` refused the request (status 401)"
    assert "wr0ng" not in repr(caught.value.findings)


def test_a_refusal_by_403_counts_only_where_no_index_has_it(index: PackageIndex, tmp_path: Path) -> None:
    index.settings.refusing["beta"] = 403
    with package_index(tmp_path / "more") as more:
        client = client_of(index, PIP_EXTRA_INDEX_URL=more.url)
        with pytest.raises(SlspackError) as caught:
            client.files(BETA)
        assert caught.value.findings[0].code is Code.INDEX_FORBIDDEN
        make_wheel(more.folder, "beta")
        assert names(client_of(index, PIP_EXTRA_INDEX_URL=more.url), "beta") == ["beta-1.0-py3-none-any.whl"]


def test_what_is_no_index(index: PackageIndex) -> None:
    site = index.url.replace("/simple/", "/files/alpha-1.0.tar.gz?")
    with pytest.raises(MachineError) as caught:
        PackageIndexClient(session_of(PIP_INDEX_URL=site)).files(ALPHA)
    assert "its answer is of type `application/octet-stream`" in caught.value.findings[0].message


def test_a_folder_as_an_index(tmp_path: Path) -> None:
    root = tmp_path / "simple"
    wheel = make_wheel(root / "files", "alpha")
    (root / "alpha").mkdir()
    (root / "alpha/index.html").write_text(f'<a href="../files/{wheel.name}#sha256={sha256_of(wheel)}">x</a>')
    make_wheel(root / "beta", "beta")
    for address in (str(root), root.as_uri(), f"{root.as_uri()}/"):
        client = PackageIndexClient(session_of(PIP_INDEX_URL=address))
        (alpha,) = client.files(ALPHA)
        assert (alpha.url, alpha.sha256) == (wheel.as_uri(), sha256_of(wheel))
        (beta,) = client.files(BETA)
        assert (beta.filename, beta.sha256) == ("beta-1.0-py3-none-any.whl", None)
        with pytest.raises(SlspackError):
            client.files(dist_name("gamma"))


def test_find_links_without_an_index(tmp_path: Path) -> None:
    """A flat folder, an HTML file and a page, beside a folder that is gone."""
    folder, page = tmp_path / "wheels", tmp_path / "links.html"
    make_wheel(folder, "alpha")
    make_wheel(folder, "alpha-beta")
    wheel = make_wheel(tmp_path / "linked", "alpha", "2.0")
    page.write_text(f'<a href="linked/{wheel.name}">a</a> <a href="linked/beta-1.0-py3-none-any.whl">b</a>')
    with package_index(tmp_path / "index") as index:
        make_wheel(index.folder, "alpha", "3.0")
        places = f"{folder} {page} {index.url}alpha/ {tmp_path / 'gone'}"
        client = PackageIndexClient(session_of(PIP_NO_INDEX="1", PIP_FIND_LINKS=places))
        assert names(client) == [f"alpha-{major}.0-py3-none-any.whl" for major in (1, 2, 3)]
        assert names(client, "beta") == ["beta-1.0-py3-none-any.whl"]
    assert len(index.requests) == 1


def test_no_index_and_no_links() -> None:
    with pytest.raises(SlspackError) as caught:
        PackageIndexClient(session_of(PIP_NO_INDEX="1")).files(ALPHA)
    assert caught.value.findings[0].message == "`alpha` is in none of the indexes: no index, for `--no-index` is set"

"""Pages of an index that are kept for the next build: for as long as the index says, and no longer."""

from __future__ import annotations

import dataclasses

import pytest

from slspack.model import dist_name
from slspack.registry import KeptPages, PackageIndexClient, RegistrySession, load_index_configuration
from slspack.store import Kind, Store
from tests.support.index import IndexSettings, PackageIndex, package_index
from tests.support.resolving import ServiceFolder, pins
from tests.support.wheels import make_wheel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALPHA = dist_name("alpha")


@pytest.fixture(params=["json", "html"])
def index(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[PackageIndex]:
    make_wheel(tmp_path / "index", "alpha", "1.0")
    settings = IndexSettings(cache_control="max-age=600, public", json=request.param == "json")
    with package_index(tmp_path / "index", settings) as running:
        yield running


def listed(index: PackageIndex, store: Path, *, ask_again: bool = False, url: str = "") -> list[str]:
    """The files of alpha, as a new process finds them."""
    configuration = load_index_configuration({"PIP_INDEX_URL": url or index.url, "PIP_CONFIG_FILE": "/dev/null"}, store)
    session = RegistrySession(dataclasses.replace(configuration, retries=0))
    kept = KeptPages(session, Store(store), ask_again=ask_again)
    return [file.filename for file in PackageIndexClient(session, kept).files(ALPHA)]


def answers(index: PackageIndex) -> list[tuple[int, bool]]:
    """Each answer's status, and whether it had a body."""
    return [(request.status, request.sent > 0) for request in index.requests]


OLD, NEW = "alpha-1.0-py3-none-any.whl", "alpha-2.0-py3-none-any.whl"


def test_it_is_not_asked_for_while_it_may_be_taken_for_granted(index: PackageIndex, tmp_path: Path) -> None:
    assert listed(index, tmp_path / "store") == [OLD]
    make_wheel(index.folder, "alpha", "2.0")
    assert listed(index, tmp_path / "store") == [OLD]
    assert answers(index) == [(200, True)]


@pytest.mark.parametrize("stated", ["max-age=0", "no-cache, max-age=600", "public"])
def test_it_is_asked_for_and_not_sent_again(index: PackageIndex, tmp_path: Path, stated: str) -> None:
    index.settings.cache_control = stated
    assert listed(index, tmp_path / "store") == [OLD]
    assert listed(index, tmp_path / "store") == [OLD]
    make_wheel(index.folder, "alpha", "2.0")
    assert listed(index, tmp_path / "store") == [OLD, NEW]
    assert answers(index) == [(200, True), (304, False), (200, True)]


def test_what_an_index_does_not_let_be_kept_is_not_in_the_store(index: PackageIndex, tmp_path: Path) -> None:
    for stated in ("no-store", ""):
        index.settings.cache_control = stated
        assert listed(index, tmp_path / "store") == [OLD]
    assert not list((tmp_path / "store").rglob("pages/*/*"))
    assert answers(index) == [(200, True), (200, True)]


def test_a_resolution_that_is_made_anew_asks_again(index: PackageIndex, tmp_path: Path) -> None:
    assert listed(index, tmp_path / "store") == [OLD]
    assert listed(index, tmp_path / "store", ask_again=True) == [OLD]
    make_wheel(index.folder, "alpha", "2.0")
    assert listed(index, tmp_path / "store", ask_again=True) == [OLD, NEW]
    assert answers(index) == [(200, True), (304, False), (200, True)]


def test_once_vouched_for_it_is_taken_for_granted_anew(index: PackageIndex, tmp_path: Path) -> None:
    index.settings.cache_control = "max-age=0"
    assert listed(index, tmp_path / "store") == [OLD]
    index.settings.cache_control = "max-age=600"
    assert [listed(index, tmp_path / "store") for _ in range(3)] == [[OLD]] * 3
    assert answers(index) == [(200, True), (304, False)]


def test_each_user_has_pages_of_their_own(index: PackageIndex, tmp_path: Path) -> None:
    for user in ("ann", "bob", "ann"):
        assert listed(index, tmp_path / "store", url=index.url_with(user, "secret")) == [OLD]
    assert answers(index) == [(200, True), (200, True)]
    assert not any(b"secret" in path.read_bytes() for path in (tmp_path / "store").rglob("*") if path.is_file())


def test_a_damaged_page_is_asked_for(index: PackageIndex, tmp_path: Path) -> None:
    assert listed(index, tmp_path / "store") == [OLD]
    (kept,) = (path for path in (tmp_path / "store").rglob("pages/*/*") if path.suffix != ".receipt")
    kept.write_bytes(b"{}\nnonsense")
    assert listed(index, tmp_path / "store") == [OLD]
    assert answers(index) == [(200, True), (200, True)]


def test_a_store_that_cannot_be_written_keeps_nothing(
    index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Store, kind: Kind, *_: object) -> None:
        assert kind is Kind.PAGE
        raise PermissionError(13, "no")

    monkeypatch.setattr(Store, "write", refuse)
    assert [listed(index, tmp_path / "store") for _ in range(2)] == [[OLD]] * 2


def test_a_version_that_is_newer_than_the_page_is_still_found(index: PackageIndex, tmp_path: Path) -> None:
    service = ServiceFolder.make(tmp_path, index.url)
    assert pins(service.write(requirements_txt="alpha").resolve()) == ["alpha==1.0"]
    make_wheel(index.folder, "alpha", "2.0")
    index.settings.cache_control = "no-cache"
    assert pins(service.write(requirements_txt="alpha==2.0").resolve()) == ["alpha==2.0"]

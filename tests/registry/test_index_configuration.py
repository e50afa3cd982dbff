"""Indexes as pip's and uv's settings name them, with their secrets kept apart."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest

from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.registry import IndexConfiguration, KeyringProvider, Login, load_index_configuration
from slspack.registry.default_index import default_index_url

FOLDER = Path("/service")


def load(**environment: str) -> IndexConfiguration:
    return load_index_configuration({"PIP_CONFIG_FILE": os.devnull, **environment}, FOLDER)


def test_nothing_configured() -> None:
    assert load() == IndexConfiguration()


def test_pips_variables() -> None:
    loaded = load(
        PIP_INDEX_URL="https://index.example/simple",
        PIP_EXTRA_INDEX_URL="https://more.example/a  https://more.example/b",
        PIP_FIND_LINKS="wheels https://links.example/all.html",
        PIP_TRUSTED_HOST="index.example more.example:8443",
        PIP_CERT="certs/ca.pem",
        PIP_CLIENT_CERT="/keys/me.pem",
        PIP_PROXY="http://proxy.example:3128",
        PIP_DEFAULT_TIMEOUT="2.5",
        PIP_RETRIES="1",
        PIP_NO_INDEX="true",
        PIP_KEYRING_PROVIDER="subprocess",
    )
    assert loaded.index_url == "https://index.example/simple"
    assert loaded.extra_index_urls == ("https://more.example/a", "https://more.example/b")
    assert loaded.find_links == (str(FOLDER / "wheels"), "https://links.example/all.html")
    assert loaded.trusted_hosts == ("index.example", "more.example:8443")
    assert loaded.certificates == str(FOLDER / "certs/ca.pem")
    assert loaded.client_certificate == str(Path("/keys/me.pem"))
    assert loaded.proxy is not None
    assert loaded.proxy.reveal() == "http://proxy.example:3128"
    assert (loaded.timeout, loaded.retries, loaded.no_index) == (2.5, 1, True)
    assert loaded.keyring is KeyringProvider.SUBPROCESS


def test_a_file_with_values_on_several_lines(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nfind-links =\n  https://a.example/\n  wheels\n[install]\nindex-url = https://i.example/\n"
    )
    loaded = load_index_configuration({"PIP_CONFIG_FILE": str(file), "HOME": str(tmp_path)}, tmp_path)
    assert loaded.find_links == ("https://a.example/", str(tmp_path / "wheels"))
    assert loaded.index_url == "https://i.example/"


def test_uvs_variables_win_setting_by_setting() -> None:
    loaded = load(
        PIP_INDEX_URL="https://pip.example/",
        PIP_EXTRA_INDEX_URL="https://kept.example/",
        PIP_FIND_LINKS="/lost",
        UV_INDEX_URL="https://old.example/",
        UV_DEFAULT_INDEX="https://uv.example/",
        UV_FIND_LINKS="/one,/two",
    )
    assert loaded.index_url == "https://uv.example/"
    assert loaded.extra_index_urls == ("https://kept.example/",)
    assert loaded.find_links == (str(Path("/one")), str(Path("/two")))


def test_uvs_named_index_takes_its_login_from_its_variables() -> None:
    loaded = load(
        UV_INDEX="corp-main=https://corp.example/simple https://plain.example/?a=b",
        UV_INDEX_CORP_MAIN_USERNAME="ann",
        UV_INDEX_CORP_MAIN_PASSWORD="hunter2",
    )
    assert loaded.extra_index_urls == ("https://corp.example/simple", "https://plain.example/?a=b")
    assert loaded.credentials.for_url("https://corp.example/files/x.whl") == Login("ann", "hunter2")


def test_no_secret_is_shown() -> None:
    loaded = load(
        PIP_INDEX_URL="https://ann:hunter2@index.example/simple",
        PIP_EXTRA_INDEX_URL="https://tok3n@more.example/",
        PIP_PROXY="http://bob:pr0xy@proxy.example",
    ).merged_with(find_links=["https://eve:l1nks@links.example/"])
    shown = repr(loaded) + str(loaded) + "".join(str(getattr(loaded, field.name)) for field in fields(loaded))
    assert not [secret for secret in ("hunter2", "ann", "tok3n", "pr0xy", "bob", "l1nks", "eve") if secret in shown]
    assert loaded.index_url == "https://index.example/simple"
    assert loaded.credentials.for_url("https://index.example/files/a.whl") == Login("ann", "hunter2")
    assert loaded.credentials.for_url("https://links.example/a.whl") == Login("eve", "l1nks")


def test_a_requirements_files_options() -> None:
    loaded = load(PIP_INDEX_URL="https://pip.example/", PIP_EXTRA_INDEX_URL="https://a.example/")
    merged = loaded.merged_with(
        index_url="https://u:p@file.example/",
        extra_index_urls=["https://b.example/", "https://a.example/"],
        find_links=["vendor"],
        trusted_hosts=["b.example"],
        no_index=True,
        folder=FOLDER,
    )
    assert merged.index_url == "https://file.example/"
    assert merged.extra_index_urls == ("https://a.example/", "https://b.example/")
    assert merged.find_links == (str(FOLDER / "vendor"),)
    assert merged.trusted_hosts == ("b.example",)
    assert merged.no_index
    assert loaded.merged_with() == loaded


def test_uv_is_told_the_same() -> None:
    loaded = load(
        PIP_INDEX_URL="https://ann:p%40ss@index.example/simple",
        PIP_EXTRA_INDEX_URL="https://more.example/",
        PIP_FIND_LINKS="/wheels",
        PIP_CERT="/ca.pem",
    )
    told = loaded.uv_environment()
    assert told["UV_DEFAULT_INDEX"] == "https://ann:p%40ss@index.example/simple"
    assert told["UV_INDEX"] == "https://more.example/"
    assert told["SSL_CERT_FILE"] == str(Path("/ca.pem"))
    again = load(**{name: value for name, value in told.items() if name.startswith("UV_")})
    assert again.credentials == loaded.credentials
    assert again.find_links == loaded.find_links


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PIP_TIMEOUT", "soon", "pip's setting `timeout` is not a number, zero or more"),
        ("PIP_RETRIES", "-1", "pip's setting `retries` is not a number, zero or more"),
        ("PIP_NO_INDEX", "perhaps", "pip's setting `no-index` is not a truth value such as `true` or `0`"),
        (
            "PIP_KEYRING_PROVIDER",
            "vault",
            "pip's setting `keyring-provider` is not `auto`, `disabled`, `import` or `subprocess`",
        ),
    ],
)
def test_a_bad_value(name: str, value: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(**{name: value})
    (finding,) = caught.value.findings
    assert (finding.code, finding.message) == (Code.PIP_CONFIG, message)
    assert name in (finding.hint or "")


def test_an_address_that_is_none_is_not_quoted() -> None:
    with pytest.raises(ConfigError) as caught:
        load(PIP_INDEX_URL="https://ann:hunter2@[broken/simple")
    assert caught.value.findings[0].message == "the address of an index or a find-links place is not valid"
    assert "hunter2" not in repr(caught.value.findings)


def test_the_default_index_is_uvs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://index.example/mine")
    default_index_url.cache_clear()
    found = default_index_url()
    assert found.startswith("https://")
    assert "index.example" not in found

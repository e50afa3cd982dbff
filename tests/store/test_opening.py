"""Which store a service uses, and within which bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from slspack.errors import ConfigError
from slspack.keys import key_of
from slspack.model import CacheSettings
from slspack.store import Kind, Limits, default_location, limits_of, open_store
from slspack.store.kind import OUTPUTS
from slspack.store.limits import parse_age, parse_size
from tests.support.services import config_errors, load

KEY = key_of("test", 1)
HEAD = "service: shop\nprovider: {name: aws, runtime: python3.12}\nfunctions: {api: {handler: app.handler}}\n"


def test_where_it_is(tmp_path: Path) -> None:
    chosen = {"SLSPACK_CACHE_DIR": str(tmp_path / "chosen")}
    relative = CacheSettings(location="../cache")
    assert open_store(CacheSettings(), tmp_path, chosen).root == tmp_path / "chosen"
    assert open_store(relative, tmp_path, chosen).root == tmp_path / "chosen"
    assert open_store(relative, tmp_path, {}).root == tmp_path.parent / "cache"
    assert open_store(CacheSettings(location=str(tmp_path / "own")), Path("/else"), {}).root == tmp_path / "own"
    assert open_store(CacheSettings(location="~/own"), tmp_path, {}).root == Path.home() / "own"
    assert open_store(CacheSettings(), tmp_path, {}).root == default_location({})
    assert default_location({}).name == "slspack"


def test_what_is_not_kept_and_what_is_renewed(tmp_path: Path) -> None:
    for kind in Kind:
        if not kind.content_addressed:
            open_store(CacheSettings(location="s"), tmp_path, {}).write(kind, KEY, b"old")
    expected = {
        CacheSettings(location="s"): {Kind.FACTS, Kind.RESOLUTION, Kind.PAGE, Kind.BUILD, *OUTPUTS},
        CacheSettings(location="s", keep_downloads=False): {Kind.BUILD, *OUTPUTS},
        CacheSettings(location="s", keep_outputs=False): {Kind.FACTS, Kind.RESOLUTION, Kind.PAGE, Kind.BUILD},
        CacheSettings(location="s", invalidate=True): set(),
    }
    for settings, found in expected.items():
        store = open_store(settings, tmp_path, {})
        assert {kind for kind in Kind if store.find(kind, KEY)} == found


def test_bounds() -> None:
    assert limits_of(CacheSettings(), {}) == Limits(max_size=10_000_000_000)
    assert limits_of(CacheSettings(max_size=None, max_versions=3), {}) == Limits(max_versions=3)
    assert limits_of(CacheSettings(), {"SLSPACK_CACHE_MAX_SIZE": "2GB"}) == Limits(max_size=2_000_000_000)
    assert limits_of(CacheSettings(), {"SLSPACK_CACHE_MAX_SIZE": "none"}) == Limits()
    with pytest.raises(ConfigError) as caught:
        limits_of(CacheSettings(), {"SLSPACK_CACHE_MAX_SIZE": "big"})
    (finding,) = caught.value.findings
    assert finding.message == (
        "the environment variable `SLSPACK_CACHE_MAX_SIZE`: `big` is not a size such as `5GB`, nor `none`"
    )


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("7 B", 7), ("1.5kb", 1500), ("500 MB", 500_000_000), ("2GiB", 2 << 30), ("1T", 10**12), ("NONE", None)],
)
def test_sizes(text: str, size: int | None) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(("text", "seconds"), [("90m", 5400), ("12h", 43_200), ("30d", 2_592_000), ("2 W", 1_209_600)])
def test_ages(text: str, seconds: int) -> None:
    assert parse_age(text) == seconds


@pytest.mark.parametrize("text", ["", "-1", "5 parsecs", "1.2.3GB", "GB"])
def test_neither(text: str) -> None:
    with pytest.raises(ValueError, match=f"`{text}` is not a size"):
        parse_size(text)
    with pytest.raises(ValueError, match=f"`{text}` is not an age"):
        parse_age(text)


def test_settings_of_serverless_python_requirements(tmp_path: Path) -> None:
    custom = """
custom:
  pythonRequirements:
    cacheLocation: ../cache
    useDownloadCache: false
    useStaticCache: 'false'
    staticCacheMaxVersions: 3
    invalidateCaches: true
"""
    service = load(tmp_path, {"serverless.yml": HEAD + custom})
    assert service.cache == CacheSettings(
        location="../cache", keep_downloads=False, keep_outputs=False, max_versions=3, invalidate=True
    )


def test_slspack_s_own_settings(tmp_path: Path) -> None:
    custom = """
custom:
  slspack: {cacheLocation: own, cacheMaxSize: 2GB}
  pythonRequirements: {cacheLocation: other, useDownloadCache: true, staticCacheMaxVersions: '2'}
"""
    service = load(tmp_path / "a", {"serverless.yml": HEAD + custom})
    assert service.cache == CacheSettings(location="own", max_size=2_000_000_000, max_versions=2)
    own = "runtime: python3.13\nfunctions: {api: app.handler}\ncacheMaxSize: %s\n"
    assert load(tmp_path / "b", {"slspack.yml": own % "none"}).cache == CacheSettings(max_size=None)
    assert load(tmp_path / "c", {"slspack.yml": own % "5000"}).cache == CacheSettings(max_size=5000)
    plain = load(tmp_path / "d", {"serverless.yml": HEAD})
    assert plain.cache == CacheSettings()


def test_settings_of_the_wrong_kind(tmp_path: Path) -> None:
    custom = """
custom:
  slspack: {cacheLocation: [a], cacheMaxSize: huge}
  pythonRequirements: {useDownloadCache: maybe, staticCacheMaxVersions: -1, invalidateCaches: {}}
"""
    assert config_errors(tmp_path, {"serverless.yml": HEAD + custom}) == [
        "SLS0104 serverless.yml:6:28: `custom.slspack.cacheLocation` must be a string, and is a list",
        "SLS0104 serverless.yml:6:47: `custom.slspack.cacheMaxSize`: `huge` is not a size such as `5GB`, nor `none`",
        (
            "SLS0104 serverless.yml:7:42: `custom.pythonRequirements.useDownloadCache` must be `true` or `false`,"
            " and is a string"
        ),
        (
            "SLS0104 serverless.yml:7:73: `custom.pythonRequirements.staticCacheMaxVersions` must be a number,"
            " 0 or more, and is a number, `-1`"
        ),
        (
            "SLS0104 serverless.yml:7:95: `custom.pythonRequirements.invalidateCaches` must be `true` or `false`,"
            " and is a map"
        ),
    ]
    message = "`cacheMaxSize` must be a string, and is a boolean, `true`"
    text = "runtime: python3.13\nfunctions: {api: app.handler}\ncacheMaxSize: true\n"
    assert config_errors(tmp_path / "own", {"slspack.yml": text})[0].endswith(message)

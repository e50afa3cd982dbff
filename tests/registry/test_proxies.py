"""Which proxy an address is asked for through: what requests says, which pip goes by."""

from __future__ import annotations

import sys
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.utils import get_environ_proxies, select_proxy

from slspack.registry.credentials import Secret
from slspack.registry.proxies import proxy_for

HOSTS = st.sampled_from(
    ["a.example", "b.a.example", "example", "xa.example", "10.1.2.3", "10.200.0.1", "127.0.0.1", "localhost", "[::1]"]
)
ADDRESSES = st.builds(
    "{}://{}{}/simple/".format, st.sampled_from(["http", "https"]), HOSTS, st.sampled_from(["", ":8080", ":443"])
)
PROXIES = st.sampled_from(["http://one.example:3128", "https://bob:pw@two.example", "socks5h://three.example:1080"])
DIRECT = st.lists(
    st.sampled_from(
        [
            ".example",
            "a.example",
            "a.example:8080",
            "10.0.0.0/8",
            "10.1.2.3",
            "10.1.0.0/33",
            "*",
            "localhost",
            " ",
            "127/8",
        ]
    ),
    max_size=3,
).map(",".join)
VARIABLES = st.dictionaries(
    st.sampled_from(["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"]), PROXIES, max_size=3
)


@given(url=ADDRESSES, variables=VARIABLES, direct=DIRECT, name=st.sampled_from(["no_proxy", "NO_PROXY"]))
def test_it_is_what_requests_says(url: str, variables: dict[str, str], direct: str, name: str) -> None:
    with patch.dict("os.environ", {**variables, **({name: direct} if direct else {})}, clear=True):
        expected = select_proxy(url, get_environ_proxies(url))
        found = proxy_for(url, None)
    assert (found.reveal() if found else None) == expected


def test_the_configured_one_is_for_all() -> None:
    with patch.dict("os.environ", {"no_proxy": "*", "http_proxy": "http://other.example"}, clear=True):
        found = proxy_for("http://index.example/", Secret("proxy.example:3128"))
    assert found == Secret("http://proxy.example:3128")


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_the_systems_settings(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a system has some, they count without any variable."""
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "proxy.example:3128"})
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: host == "intern")
    with patch.dict("os.environ", {}, clear=True):
        assert proxy_for("https://index.example/", None) == Secret("http://proxy.example:3128")
        assert proxy_for("https://intern/", None) is None

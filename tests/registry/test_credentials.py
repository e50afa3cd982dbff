"""Logins: taken out of addresses, found again by address, never shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slspack.registry.credentials import Credentials, Login, Secret, may_take_login, split_credentials, with_login

NAMES = st.text(min_size=1, max_size=12)


@given(user=NAMES, password=NAMES)
def test_what_is_split_can_be_joined(user: str, password: str) -> None:
    address = "https://index.example:8443/simple/?x=1"
    joined = with_login(address, Login(user, password)).reveal()
    assert split_credentials(joined) == (address, Login(user, password))


def test_an_address_without_a_login_stays() -> None:
    assert split_credentials("https://index.example/@scope/") == ("https://index.example/@scope/", None)
    assert with_login("https://index.example/", None).reveal() == "https://index.example/"


def test_a_token_for_a_user_name() -> None:
    assert split_credentials("https://tok3n@index.example/") == ("https://index.example/", Login("tok3n", ""))


def test_the_longest_path_in_common_wins() -> None:
    one, two = Login("one", "1"), Login("two", "2")
    known = Credentials((("https://h.example/team/one/simple", one), ("https://h.example/team/two/simple", two)))
    assert known.for_url("https://h.example/team/two/files/a.whl") == two
    assert known.for_url("https://h.example/team/one/simple/a/") == one
    assert known.for_url("https://h.example:443/team/two/") == two


def test_other_origins_get_nothing() -> None:
    known = Credentials((("https://h.example/simple", Login("one", "1")),))
    for address in ("http://h.example/simple", "https://h.example:444/simple", "https://x.h.example/simple"):
        assert known.for_url(address) is None


def test_nothing_is_shown() -> None:
    login, secret = Login("ann", "hunter2"), Secret("hunter2")
    for text in (repr(login), str(login), f"{login}", repr(secret), str(secret), repr(Credentials((("u", login),)))):
        assert "ann" not in text
        assert "hunter2" not in text


def test_where_a_redirect_may_take_a_login() -> None:
    there = "http://h.example/simple"
    assert may_take_login(there, "http://h.example/other")
    assert may_take_login(there, "https://h.example/simple")
    for other in ("https://h.example:8443/simple", "http://h.example:8080/", "http://x.h.example/", "ftp://h.example/"):
        assert not may_take_login(there, other)
    assert not may_take_login("https://h.example/", "http://h.example/")
    assert not may_take_login("http://h.example:8080/", "https://h.example:8080/")

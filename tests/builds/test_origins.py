"""What addresses and paths of sources mean, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slspack.builds.origins import ArchiveOrigin, FolderOrigin, GitOrigin, SourceOrigin, parse_origin, split_login

COMMIT = "0123456789" * 4


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("libs/common", FolderOrigin("libs/common")),
        ("../common#subdirectory=python", FolderOrigin("../common", "python")),
        ("file:///srv/common", FolderOrigin("/srv/common")),
        ("archives/a-1.0.tar.gz", ArchiveOrigin("archives/a-1.0.tar.gz")),
        ("https://a.example/a-1.0.zip#subdirectory=x/y", ArchiveOrigin("https://a.example/a-1.0.zip", None, "x/y")),
        ("git+https://git.example/a.git", GitOrigin("https://git.example/a.git")),
        ("git+ssh://git@git.example/a.git", GitOrigin("ssh://git@git.example/a.git")),
        ("git+ssh://git@git.example/a.git@feature/x", GitOrigin("ssh://git@git.example/a.git", "feature/x")),
        (f"git+file:///srv/a@{COMMIT}#subdirectory=b", GitOrigin("file:///srv/a", COMMIT, "b")),
    ],
)  # fmt: skip
def test_what_it_means(text: str, origin: SourceOrigin) -> None:
    assert parse_origin(text) == origin
    assert parse_origin(str(origin)) == origin


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hg+https://hg.example/a", "only git repositories can be fetched"),
        ("git+git@git.example:a.git", "write the repository's address with its scheme"),
        ("libs#subdirectory=../..", "climbs out of the source"),
    ],
)
def test_what_cannot_be_built(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_origin(text)


PARTS = st.text("abcxyz019_-", min_size=1, max_size=6).map(lambda text: f"p{text}")
NAMES = st.lists(PARTS, min_size=1, max_size=3).map("/".join)


@given(NAMES, st.one_of(st.just(""), NAMES), st.one_of(st.just(""), NAMES))
def test_what_was_printed_is_read_again(path: str, revision: str, inside: str) -> None:
    for origin in (
        GitOrigin(f"https://git.example/{path}.git", revision, inside),
        FolderOrigin(path, inside),
        ArchiveOrigin(f"{path}.tar.gz", None, inside),
    ):
        assert parse_origin(str(origin)) == origin


def test_a_commit_is_told_from_a_branch() -> None:
    assert GitOrigin("https://git.example/a", COMMIT).commit == COMMIT
    assert GitOrigin("https://git.example/a", COMMIT[:12]).commit is None
    assert GitOrigin("https://git.example/a", "main").commit is None


def test_a_password_is_taken_out_and_the_user_of_ssh_stays() -> None:
    address, login = split_login("git+https://token:secret@git.example/a.git")
    assert (address, login is not None and login.password) == ("git+https://git.example/a.git", "secret")
    address, login = split_login("git+https://token@git.example/a.git")
    assert (address, login is not None and login.user) == ("git+https://git.example/a.git", "token")
    assert split_login("git+ssh://git@git.example/a.git") == ("git+ssh://git@git.example/a.git", None)
